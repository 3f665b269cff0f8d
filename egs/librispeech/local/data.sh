#!/usr/bin/env bash
# Usage: local/data.sh LIBRISPEECH DATA. Writes DATA/{train,dev,test,test_opus} and DATA/{conversions,dev_conversions};
# for the study DATA/train_quarter, every fourth utterance of the training set; and for the probes, where the corpus has
# transcripts, DATA/{train,dev}_aligned: ten utterances of each training speaker, and all of dev; DATA/train_spoken has
# those of train_aligned that could be aligned.
set -euo pipefail
librispeech=$1
data=$2

allow_skipped.sh vcdisent prepare librispeech "$librispeech" "$data"
allow_skipped.sh vcdisent recode "$data/test" "$data/test_opus" --format opus
vcdisent trials "$data/test_opus" -o "$data/test_opus/trials"
subset_data_dir.sh "$data/train" 4 "$data/train_quarter"
conversion_list.sh "$data/test" all 2 >"$data/conversions"
conversion_list.sh "$data/dev" all >"$data/dev_conversions" # to choose by
if [[ -f $data/train/text && -f $data/dev/text ]]; then
  allow_skipped.sh vcdisent align "$data/train" -o "$data/train_aligned" --max-per-speaker 10 --nj "$(nproc)"
  subset_data_dir.sh "$data/train_aligned" "$data/train_aligned/phones.ctm" "$data/train_spoken"
  allow_skipped.sh vcdisent align "$data/dev" -o "$data/dev_aligned" --nj "$(nproc)"
fi
