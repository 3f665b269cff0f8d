#!/usr/bin/env bash
# Usage: subset_data_dir.sh DATA N|LIST SUBSET. Makes the data dir SUBSET of every Nth utterance of DATA, beginning with the
# first, or of those that begin a line of the file LIST.
set -euo pipefail
data=$1
chosen=$2
subset=$3

mkdir -p "$subset"
# keep FILE KEYS: lines of DATA/FILE whose first word is the first word of a line of KEYS.
keep() {
  [[ ! -f $data/$1 ]] || awk 'NR == FNR { kept[$1]; next } $1 in kept' "$2" "$data/$1" >"$subset/$1"
}
if [[ -f $chosen ]]; then
  keep utt2spk "$chosen"
else
  awk -v every="$chosen" 'NR % every == 1 || every == 1' "$data/utt2spk" >"$subset/utt2spk"
fi
awk '{ print $2, $1 }' "$subset/utt2spk" | sort |
  awk '$1 != last { printf "%s%s", (NR > 1 ? "\n" : ""), $1; last = $1 } { printf " %s", $2 } END { print "" }' >"$subset/spk2utt"
for file in text phones.ctm wav.scp; do
  keep "$file" "$subset/utt2spk"
done
keep spk2gender "$subset/spk2utt"
