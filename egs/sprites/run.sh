#!/usr/bin/env bash
# Sprites (Li and Mandt, 2018): 1,000 characters to learn from, 296 for the figures, 9 actions each.
#
#   ./run.sh --sprites /corpora/Sprites                      all stages, with sheets as github.com/YingzhenLi/Sprites has
#   ./run.sh                                                 the same on what --help names, or drawn_sprites without that
#   ./run.sh --stage 3 --tag dsvae --train_args "objective=dsvae_video seed=2"
#
# drawn_sprites is 81 characters of lines and ellipses in the same layout: it shows that everything runs, and its figures
# are not those of Sprites. Results are in exp/TAG; --help tells the options.
set -euo pipefail

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$egs/../../recipes/video.sh" "$egs" "$@"
