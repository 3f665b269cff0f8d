#!/usr/bin/env bash
# MUG: 52 subjects show six expressions; nobody is in more than one of train, dev and test.
#
#   ./run.sh --mug /corpora/MUG                              all stages, with the folder that holds subjects3
#   ./run.sh                                                 the same on drawn_mug
#   ./run.sh --stage 3 --tag dsvae --train_args "objective=dsvae_video seed=2"
#
# drawn_mug is eight drawn faces in MUG's tree: it shows that everything runs, and its figures are not MUG's. Finding
# faces needs OpenCV (pip install 'vcdisent[mug]'). Results are in exp/TAG; --help tells the options.
set -euo pipefail

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$egs/../../recipes/video.sh" "$egs" "$@"
