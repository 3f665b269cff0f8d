#!/usr/bin/env bash
# Usage: local/data.sh MNIST DATA [OPTION...]. Writes DATA/{train,dev,test}.
set -euo pipefail

vcdisent prepare smmnist "$1" "$2" --nj "$(nproc)" "${@:3}"
