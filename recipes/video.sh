#!/usr/bin/env bash
# From a corpus of video to a judge's figures, swaps and generated sequences: all stages, no corpus named.
#
# egs/NAME/run.sh calls this with its folder, and hands on its options. What is the corpus' own is there: conf/video.sh
# (variables) and local/data.sh (stage 0: the data dirs).
#
# A training that stops early (trainer.max_minutes) goes on when the same command is given again. Until it has finished,
# add --stop_stage 3: the later stages take whatever weights are there.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

called_from=$PWD
recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$1"
shift

stage=0
stop_stage=7
ngpu=1
seed=0
tag=
data_name=
experiment=
prepare_args=
feature_args=
train_args=
judge_args=
measure_args=
dump=dump
expdir=exp
# shellcheck source=cmd.sh
. "$recipes/cmd.sh"
# shellcheck source=../egs/sprites/conf/video.sh
. conf/video.sh

program_name=run.sh
help_message="Usage: ./run.sh [--option value ...]: all stages, unless told otherwise

  --stage N            first stage (default 0): 0 data, 1 frames, 2 keep-dynamic views, 3 training,
  --stop_stage N       last stage (default 7)    4 judge and measures, 5 nothing, 6 swaps and generation, 7 report
$corpus_help
  --data_name NAME     of the folders of data, frames and judge (default: the corpus'), for data made by other options
  --prepare_args=ARGS  options of vcdisent prepare, as one argument${prepare_args:+ (default: \"$prepare_args\")}
  --ngpu N             0: CPU; 1 (default): a GPU where there is one; more: so many processes, by torchrun
  --seed N             of weights, order, views and noise (default 0), whatever --train_args say
  --experiment NAME    of those in vcdisent/conf/experiment (default: the corpus')
  --train_args ARGS    overrides for training, as one argument: \"objective=dsvae_video seed=2\"; they win over all others.
                       With trainer.max_minutes=9 it may stop early: add --stop_stage 3 until it has finished
  --feature_args ARGS  the same for frames and whatever is trained on them: \"features.num_channels=1\"
  --judge_args=ARGS    options of vcdisent judge, such as \"--max-steps 500\"
  --measure_args=ARGS  options of vcdisent evaluate video, such as \"--num-draws 2\"
  --tag NAME           of the folder for this model (default: experiment and seed)
  --train_set, --dev_set, --test_set, --judge_set NAME    data dirs to use (default $train_set, $dev_set, $test_set, $judge_set)
  --dump, --expdir DIR    frames, and models with their results, go there (default $dump, $expdir)
  --train_cmd, --cpu_cmd COMMAND    put in front of jobs, such as \"srun --gres=gpu:1\" (default: nothing)

Folders to write to are relative to egs/${PWD##*/}, where this recipe runs."
# shellcheck source=utils/parse_options.sh
. "$recipes/utils/parse_options.sh"
if [[ $# -gt 0 ]]; then
  echo "run.sh: unexpected '$1'; options look like --name value, see run.sh --help" >&2
  exit 2
fi

# shellcheck source=../path.sh
. "$recipes/../path.sh"

option=${corpus_option:-$corpus}
corpus_dir=${!option}
[[ -z $corpus_dir || $corpus_dir == /* ]] || corpus_dir=$called_from/$corpus_dir
name=$corpus
if [[ -z $corpus_dir && -n ${stand_in:-} ]]; then
  name=$stand_in
  train_args="${stand_in_train_args:-} $train_args"
  judge_args="${stand_in_judge_args:-} $judge_args"
fi
experiment=${experiment:-$corpus}
data_name=${data_name:-$name}
data=data/$data_name
dump=$dump/$data_name
exp=$expdir/${tag:-${experiment/#$corpus/$data_name}_seed$seed}
judge=$expdir/${data_name}_judge
device=auto
[[ $ngpu -gt 0 ]] || device=cpu
read -ra cpu_cmd <<<"$cpu_cmd"
read -ra train_cmd <<<"$train_cmd"
read -ra prepare_args <<<"$prepare_args"
read -ra feature_args <<<"$feature_args"
read -ra train_args <<<"$train_args"
read -ra judge_args <<<"$judge_args"
read -ra measure_args <<<"$measure_args"

# shellcheck source=utils/stages.sh
. "$recipes/utils/stages.sh"

# picture VERB ARGUMENT...: has the model make a picture.
picture() {
  job vcdisent "$@" --model "$exp" --device $device
}

# clip head|tail: the first or the last clip of the test set.
clip() {
  echo "$data/$test_set/$("$1" -n 1 "$data/$test_set/frames.scp" | cut -d ' ' -f 2-)"
}

if stage_runs 0 "data dirs in $data, from ${corpus_dir:-no corpus: a stand-in}"; then
  local/data.sh "$corpus_dir" "$data" "${prepare_args[@]}"
fi

if stage_runs 1 "frames in $dump"; then
  for set in $(printf '%s\n' "$train_set" "$dev_set" "$test_set" "$judge_set" | sort -u); do
    job vcdisent features "$data/$set" "$dump/$set" experiment="$experiment" "${feature_args[@]}"
  done
fi

if stage_runs 2 "keep-dynamic views"; then
  echo "Nothing to make beforehand: training draws them on its device, anew in every step."
fi

if stage_runs 3 "training: $exp"; then
  train experiment="$experiment" out="$exp" "${train_args[@]}"
fi

if stage_runs 4 "judge and measures on $test_set"; then
  job vcdisent judge "$dump/$judge_set" "$dump/$test_set" -o "$judge" --device $device "${judge_args[@]}"
  job vcdisent evaluate video "$dump/$test_set" --model "$exp" --judge "$judge" -o "$exp/measures/$test_set.json" \
    --device $device "${measure_args[@]}"
fi

if stage_runs 5 "vocoder"; then
  echo "Nothing to train: the decoder makes the images."
fi

if stage_runs 6 "swaps and generation in $exp/pictures"; then
  a=$(clip head)
  b=$(clip tail)
  picture swap "$a" "$b" -o "$exp/pictures/swap"
  picture generate --fix dynamic --dynamic "$a" --num 8 -o "$exp/pictures/fixed_dynamic"
  picture generate --fix static --static "$a" --num 8 -o "$exp/pictures/fixed_static"
  picture traverse "$a" "$b" -o "$exp/pictures/traverse"
fi

if stage_runs 7 "report"; then
  vcdisent report "$exp" -o "$exp/RESULTS.md"
  cat "$exp/RESULTS.md"
  echo "In $PWD/$exp: RESULTS.md, measures and pictures."
fi
