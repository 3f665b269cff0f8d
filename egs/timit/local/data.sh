#!/usr/bin/env bash
# Usage: local/data.sh TIMIT DATA. Writes DATA/{train,dev,test} and DATA/conversions; an empty TIMIT means minitimit.
set -euo pipefail
timit=$1
data=$2

if [[ -n $timit ]]; then
  allow_skipped.sh vcdisent prepare timit "$timit" "$data"
else
  echo "No --timit DIR: SYNTHETIC speech, minitimit, stands in."
  allow_skipped.sh vcdisent prepare minitimit downloads/minitimit "$data"
fi
conversion_list.sh "$data/test" >"$data/conversions"
