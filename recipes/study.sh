#!/usr/bin/env bash
# Usage: recipes/study.sh EGS [--nj N] [--sets "dev test"] [--probes true] [--stage N] [--stop_stage N] [ROW ...]
# Other options of the recipe are handed on by --run_args="OPTIONS"; rows come last.
#
# Trains and measures the configurations of egs/EGS/conf/study.txt: a table for a paper, a row a configuration, with the
# seeds that it asks for. A line there: `NAME SEEDS STEPS OVERRIDES`, seeds joined by commas; `#` begins a comment, and
# `experiment=NAME` among the overrides picks another experiment than the corpus'. ROWs are names; without any, all are
# run. Stages: 0 to 2 of the recipe, once; 3 and 4 of it for each seed of each row (the default); 7, one table of them all:
#
#   recipes/study.sh librispeech --sets test dsvae cdsvae     two rows, measured on test
#   recipes/study.sh librispeech --stop_stage 3               trains all
#   recipes/study.sh timit --stage 0 --stop_stage 7 --run_args="--timit /corpora/TIMIT" --sets test --probes true
#
# A study of video has nothing to probe, and measures on the recipe's test set: --nj is the number of runs alone, --sets and
# --probes say nothing there.
#
# Options of the recipe among the overrides, such as `--train_set NAME`, are a row's own: it makes its features and views
# by itself before it trains.
#
# A run that was stopped goes on where it was, and one that is finished is not trained again: give the same command until
# all is done. N runs go on at a time (default: one for each processor), each on one thread, which for models as small as
# these is worth more than two threads for one. What a run prints is in exp/NAME_seedN.log.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program_name=study.sh
help_message=$(sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}")
[[ $# -gt 0 && $1 != -* ]] || set -- --help
egs=$recipes/../egs/$1
[[ $1 == --help ]] || shift
nj=$(nproc)
sets=dev
probes=false
run_args=
stage=3
stop_stage=4
# shellcheck source=utils/parse_options.sh
. "$recipes/utils/parse_options.sh"
if [[ ! -f $egs/conf/study.txt ]]; then
  echo "study.sh: $egs/conf/study.txt is not there; it says which configurations to run" >&2
  exit 2
fi
for row in "$@"; do
  if [[ $row == -* ]]; then
    echo "study.sh: $row comes after a row; options come before the rows" >&2
    exit 2
  fi
  if ! grep -q "^$row " "$egs/conf/study.txt"; then
    echo "study.sh: $egs/conf/study.txt has no row $row" >&2
    exit 2
  fi
done

# recipe OPTION...: the corpus' recipe, as all rows want it.
recipe() {
  local options
  read -ra options <<<"$run_args"
  OMP_NUM_THREADS=1 "$egs/run.sh" "$@" "${options[@]}"
}

# locked OPTION...: the same, one at a time.
locked() {
  (flock 9 && recipe "$@") 9>"$egs/exp/.one_at_a_time"
}

is_video() {
  [[ -f $egs/conf/video.sh ]]
}

# one_run NAME SEED STEPS WORD...: one configuration with one seed. WORDs are overrides, and options of the recipe.
one_run() {
  local name=$1 seed=$2 steps=$3 options=() overrides=()
  shift 3
  while [[ $# -gt 0 ]]; do
    case $1 in
      --*) options+=("$1" "$2") && shift ;;
      experiment=*) options+=(--experiment "${1#*=}") ;;
      *) overrides+=("$1") ;;
    esac
    shift
  done
  local run=(--seed "$seed" --tag "${name}_seed$seed" "${options[@]}"
    --train_args "trainer.max_steps=$steps ${overrides[*]}")
  is_video || run=(--nj 1 --ecapa false --probes "$probes" --test_sets "$sets" "${run[@]}")
  {
    # `&&` throughout: there is no `set -e` before ||. Rows may share what they make, and the judge of video.
    { [[ ${options[*]} != *--train_set* && ${options[*]} != *--dump* ]] || locked --stage 1 --stop_stage 2 "${run[@]}"; } &&
      { [[ $stage -gt 3 || $stop_stage -lt 3 ]] || recipe --stage 3 --stop_stage 3 "${run[@]}"; } &&
      { [[ $stop_stage -lt 4 ]] || "$(is_video && echo locked || echo recipe)" --stage 4 --stop_stage 4 "${run[@]}"; }
  } >>"$egs/exp/${name}_seed$seed.log" 2>&1 || {
    echo "$(date '+%F %T') ${name}_seed$seed: failed; see $egs/exp/${name}_seed$seed.log" >&2
    return 1
  }
  echo "$(date '+%F %T') ${name}_seed$seed: done"
}
export -f one_run recipe locked is_video
export egs stage stop_stage sets probes run_args
mkdir -p "$egs/exp"

# runs: lines `NAME SEED STEPS WORDS`, a run each, in the order of the file.
runs() {
  sed 's/#.*//' "$egs/conf/study.txt" | awk -v rows="$*" '
    BEGIN { num_rows = split(rows, list, " "); for (i = 1; i <= num_rows; i++) wanted[list[i]] = 1 }
    NF && (num_rows == 0 || $1 in wanted) {
      num_seeds = split($2, seeds, ",")
      words = ""
      for (i = 4; i <= NF; i++) words = words " " $i
      for (i = 1; i <= num_seeds; i++) print $1, seeds[i], $3 words
    }
  '
}

workers=(--nj "$nj")
! is_video || workers=()
[[ $stage -gt 2 ]] || recipe --stage "$stage" --stop_stage "$((stop_stage < 2 ? stop_stage : 2))" "${workers[@]}"
if [[ $stage -le 4 && $stop_stage -ge 3 ]]; then
  # shellcheck disable=SC2016
  runs "$@" | xargs -P "$nj" -L 1 bash -c 'one_run "$@"' one_run || exit 2
fi
if [[ $stop_stage -ge 7 ]]; then
  # shellcheck source=../path.sh
  . "$recipes/../path.sh"
  mapfile -t folders < <(runs "$@" | awk -v exp="$egs/exp" '{ print exp "/" $1 "_seed" $2 }')
  vcdisent report --seeds "${folders[@]}" -o "$egs/exp/study.md"
fi
