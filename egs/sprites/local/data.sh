#!/usr/bin/env bash
# Usage: local/data.sh SHEETS DATA [OPTION...]. Writes DATA/{train,dev,test}; an empty SHEETS means drawn_sprites.
set -euo pipefail
sheets=$1
data=$2

if [[ -n $sheets ]]; then
  vcdisent prepare sprites "$sheets" "$data" "${@:3}"
else
  echo "No --sprites DIR: DRAWN figures, drawn_sprites, stand in. The sheets are at github.com/YingzhenLi/Sprites."
  vcdisent prepare drawn_sprites downloads/drawn_sprites "$data" "${@:3}"
fi
