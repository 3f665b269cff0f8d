#!/usr/bin/env bash
# LibriSpeech, whole, in part or mini: read English, CC BY 4.0.
#
#   ./run.sh --librispeech /corpora/LibriSpeech              all stages
#   ./run.sh                                                 the same on what --help names, where that is there
#   ./run.sh --stage 3 --tag dsvae --train_args "objective=dsvae seed=2"
#
# test_opus is the test set once more, coded as Opus: it shows what the coding alone does to the figures. Results are in
# exp/TAG; --help tells the options.
set -euo pipefail

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$egs/../../recipes/audio.sh" "$egs" "$@"
