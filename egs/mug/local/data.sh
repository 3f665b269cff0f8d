#!/usr/bin/env bash
# Usage: local/data.sh MUG DATA [OPTION...]. Writes DATA/{train,dev,test,judge}; an empty MUG means drawn_mug.
set -euo pipefail
mug=$1
data=$2

if [[ -n $mug ]]; then
  allow_skipped.sh vcdisent prepare mug "$mug" "$data" "${@:3}"
else
  echo "No --mug DIR: DRAWN faces, drawn_mug, stand in."
  allow_skipped.sh vcdisent prepare drawn_mug downloads/drawn_mug "$data" "${@:3}"
fi
