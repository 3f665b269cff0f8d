#!/usr/bin/env bash
# TIMIT (LDC93S1): 462 speakers to train on, 50 to choose by, the 24 of the core test for the figures.
#
#   ./run.sh --timit /corpora/TIMIT                          all stages
#   ./run.sh                                                 the same on minitimit
#   ./run.sh --timit /corpora/TIMIT --stage 3 --tag dsvae --train_args "objective=dsvae seed=2"
#
# minitimit is 16 synthetic voices that eSpeak NG speaks here, in TIMIT's layout: it shows that everything runs, and its
# figures are not TIMIT's. Results are in exp/TAG; --help tells the options.
set -euo pipefail

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$egs/../../recipes/audio.sh" "$egs" "$@"
