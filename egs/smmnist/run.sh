#!/usr/bin/env bash
# SM-MNIST: digits of MNIST that move and bounce at random (Denton and Fergus, 2018), drawn here, 15 frames each.
#
#   ./run.sh --mnist /corpora/MNIST                          all stages, with MNIST's four IDX files, packed or not
#   ./run.sh --prepare_args="--digits 2 --num-train 20000" --dump dump2 --expdir exp2    two digits, and more sequences; the
#                                                            data dir is drawn anew, so that stages 4 and 6 are of these
#   ./run.sh --stage 3 --tag dsvae --train_args "objective=dsvae_video seed=2"
#
# Results are in exp/TAG; --help tells the options.
set -euo pipefail

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$egs/../../recipes/video.sh" "$egs" "$@"
