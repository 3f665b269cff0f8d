#!/usr/bin/env bash
# SM-MNIST: digits of MNIST that move and bounce at random (Denton and Fergus, 2018), drawn here, 15 frames each.
#
#   ./run.sh --mnist /corpora/MNIST                          all stages, with MNIST's four IDX files, packed or not
#   ./run.sh --prepare_args="--digits 2 --num-train 20000"   two digits in each sequence, and more of them
#   ./run.sh --stage 3 --tag dsvae --train_args "objective=dsvae_video seed=2"
#
# Results are in exp/TAG; --help tells the options.
set -euo pipefail

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$egs/../../recipes/video.sh" "$egs" "$@"
