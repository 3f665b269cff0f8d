#!/usr/bin/env bash
# Usage: local/data.sh LIBRISPEECH DATA. Writes DATA/{train,dev,test,test_opus} and DATA/conversions.
set -euo pipefail
librispeech=$1
data=$2

allow_skipped.sh vcdisent prepare librispeech "$librispeech" "$data"
allow_skipped.sh vcdisent recode "$data/test" "$data/test_opus" --format opus
vcdisent trials "$data/test_opus" -o "$data/test_opus/trials"
conversion_list.sh "$data/test" >"$data/conversions"
