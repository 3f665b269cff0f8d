#!/usr/bin/env bash
# From a corpus to verification figures and converted recordings: all stages, no corpus named.
#
# egs/NAME/run.sh calls this with its folder, and hands on its options. What is the corpus' own is there: conf/audio.sh
# (variables), local/data.sh (stage 0: the data dirs, and the list of conversions).
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
nj=$(nproc)
ngpu=1
seed=0
tag=
experiment=
feature_args=
train_args=
ecapa_args=
vocoder=source_filter
vocoder_args=
views=
num_views=2
baselines=false
ecapa=true
probes=true
probe_args=
judge=false
dump=dump
expdir=exp
# shellcheck source=cmd.sh
. "$recipes/cmd.sh"
# shellcheck source=../egs/timit/conf/audio.sh
. conf/audio.sh

program_name=run.sh
help_message="Usage: ./run.sh [--option value ...]: all stages, unless told otherwise

  --stage N            first stage (default 0): 0 data, 1 features, 2 keep-dynamic views, 3 training,
  --stop_stage N       last stage (default 7)    4 verification, 5 vocoder, 6 conversion, 7 report
$corpus_help
  --nj N               workers (default: one for each processor)
  --ngpu N             0: CPU; 1 (default): a GPU where there is one; more: so many processes, by torchrun
  --seed N             of weights, order, views and noise (default 0), for ECAPA-TDNN too, whatever --train_args say
  --experiment NAME    of those in vcdisent/conf/experiment (default: the corpus')
  --train_args ARGS    overrides for training, as one argument: \"objective=dsvae seed=2\"; they win over all others.
                       With trainer.max_minutes=9 it may stop early: add --stop_stage 3 until it has finished
  --ecapa_args ARGS    the same for ECAPA-TDNN, the supervised speaker network
  --ecapa false        leave out ECAPA-TDNN
  --probes false       leave out what takes longest of stage 4: what s and z know of phones and of speakers
  --probe_args=ARGS    options of vcdisent probe (default \"--baselines --speaker-network --pictures\", on minitimit
                       \"--pictures\"); with --speaker-network the network learns from the training set
  --feature_args ARGS  the same for features and whatever is trained on them: \"features=log_mel\"
  --vocoder NAME       source_filter (default), world or griffin_lim; or neural, which stage 5 trains and tries on copies of
                       recordings of the first test set, beside Griffin-Lim and WORLD
  --vocoder_args ARGS  overrides for training it, as one argument, such as \"model=vocoder_mel\" for features=log_mel
  --views NAME         train on views made beforehand by classical voice conversion: world or inca (default: none, views
                       are drawn in training)
  --num_views N        how many of each utterance (default 2)
  --baselines true     also convert by these two methods, without a model
  --judge true         also have the conversions judged, by networks that pip install 'vcdisent[judge]' brings
  --tag NAME           of the folder for this model (default: experiment and seed)
  --train_set, --dev_set, --test_sets NAMES    data dirs to use (default $train_set, $dev_set, $test_sets)
  --probe_train_set, --probe_set NAMES    those with phones.ctm, for probes (default $probe_train_set, $probe_set)
  --dump, --expdir DIR    features, and models with their results, go there (default $dump, $expdir)
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

corpus_dir=${!corpus}
[[ -z $corpus_dir || $corpus_dir == /* ]] || corpus_dir=$called_from/$corpus_dir
name=$corpus
if [[ -z $corpus_dir && -n ${stand_in:-} ]]; then
  name=$stand_in
  ecapa_args="${stand_in_ecapa_args:-} $ecapa_args"
  probe_args=${probe_args:-${stand_in_probe_args:-}}
fi
probe_args=${probe_args:---baselines --speaker-network --pictures}
experiment=${experiment:-$name}
data=data/$name
dump=$dump/$name
exp=$expdir/${tag:-${experiment}_seed$seed}
exp_ecapa=$expdir/${name}_ecapa_seed$seed
exp_vocoder=$expdir/${name}_vocoder_seed$seed
device=auto
[[ $ngpu -gt 0 ]] || device=cpu
read -ra cpu_cmd <<<"$cpu_cmd"
read -ra train_cmd <<<"$train_cmd"
read -ra feature_args <<<"$feature_args"
read -ra train_args <<<"$train_args"
read -ra ecapa_args <<<"$ecapa_args"
read -ra vocoder_args <<<"$vocoder_args"
read -ra probe_args <<<"$probe_args"

# shellcheck source=utils/stages.sh
. "$recipes/utils/stages.sh"

# verify SET OPTION...: scores the trials of a test set.
verify() {
  job vcdisent verify --trials "$data/$1/trials" "$data/$1" --device $device "${@:2}"
}

# train_vocoder OVERRIDE...: on waveforms, whatever the features of the model.
train_vocoder() {
  local feature_args=()
  train "$@" corpus.train="$dump/waveforms/$train_set" corpus.dev="$dump/waveforms/$dev_set" "${vocoder_args[@]}"
}

# vocoder_called NAME: what vcdisent convert calls it.
vocoder_called() {
  [[ $1 == neural ]] && echo "$exp_vocoder" || echo "$1"
}

# judge_conversions LIST FOLDER: has judges hear what was made of a list.
judge_conversions() {
  job vcdisent evaluate conversion "$1" "$2" -o "$2.json" --data "$data/${test_sets%% *}"
}

if stage_runs 0 "data dirs in $data, from ${corpus_dir:-no corpus: a stand-in}"; then
  local/data.sh "$corpus_dir" "$data"
fi

if stage_runs 1 "features in $dump"; then
  for set in "$train_set" "$dev_set"; do
    job vcdisent features --nj "$nj" "$data/$set" "$dump/$set" experiment="$experiment" "${feature_args[@]}"
  done
fi

if stage_runs 2 "keep-dynamic views"; then
  if [[ -n $views ]]; then
    job vcdisent views --nj "$nj" --method "$views" --num "$num_views" "$data/$train_set" \
      "$dump/${train_set}_$views" experiment="$experiment" "${feature_args[@]}"
  else
    echo "Nothing to make beforehand: training draws them on its device, anew in every step."
  fi
fi

if stage_runs 3 "training: $exp, and the supervised $exp_ecapa"; then
  train experiment="$experiment" out="$exp" ${views:+augment=${views}_views} "${train_args[@]}"
  ! $ecapa || train experiment=ecapa out="$exp_ecapa" "${ecapa_args[@]}"
fi

if stage_runs 4 "verification on $test_sets"; then
  for set in $test_sets; do
    verify "$set" --model "$exp" -o "$exp/scores/$set" --baselines
    ! $ecapa || verify "$set" --model "$exp_ecapa" -o "$exp_ecapa/scores/$set"
  done
  # A speaker network needs no phones, and so learns from the whole training set.
  [[ " ${probe_args[*]} " != *" --speaker-network "* ]] || probe_args+=(--speakers "$data/$train_set")
  if $probes && [[ -f $data/$probe_train_set/phones.ctm && -f $data/$probe_set/phones.ctm ]]; then
    job vcdisent probe --train "$data/$probe_train_set" --test "$data/$probe_set" --verify "$data/${test_sets%% *}" \
      --model "$exp" -o "$exp/probes" --device $device "${probe_args[@]}"
  elif $probes; then
    echo "No probes: $data/$probe_train_set and $data/$probe_set need phones.ctm, which vcdisent align makes of text."
  fi
fi

if stage_runs 5 "vocoder: $vocoder"; then
  if [[ $vocoder == neural ]]; then
    for set in "$train_set" "$dev_set"; do
      job vcdisent features --nj "$nj" "$data/$set" "$dump/waveforms/$set" experiment=vocoder "${vocoder_args[@]}"
    done
    train_vocoder experiment=vocoder out="$exp_vocoder/spectral"
    train_vocoder experiment=adversarial_vocoder start_from="$exp_vocoder/spectral" out="$exp_vocoder"
    conversion_list.sh "$data/${test_sets%% *}" 0 >"$data/copies"
    for way in neural griffin_lim_random world; do
      job vcdisent convert --list "$data/copies" -o "$exp_vocoder/converted/$way" --model "$exp" --device $device \
        --vocoder "$(vocoder_called "$way")" --strength 0 --pitch keep
      ! $judge || judge_conversions "$data/copies" "$exp_vocoder/converted/$way"
    done
  else
    echo "Nothing to train: $vocoder, which has no weights, makes the waveforms."
  fi
fi

if stage_runs 6 "conversion of $data/conversions"; then
  job vcdisent convert --list "$data/conversions" -o "$exp/converted/$vocoder" --model "$exp" --device $device \
    --vocoder "$(vocoder_called "$vocoder")"
  made=("$vocoder")
  if $baselines; then
    for method in world inca; do
      job vcdisent convert --list "$data/conversions" -o "$exp/converted/classical_$method" --method $method
      made+=("classical_$method")
    done
  fi
  ! $judge || for converted in "${made[@]/#/$exp/converted/}"; do
    judge_conversions "$data/conversions" "$converted"
  done
fi

if stage_runs 7 "report"; then
  checkpoints=("$exp")
  ! $ecapa || checkpoints+=("$exp_ecapa")
  [[ $vocoder != neural ]] || checkpoints+=("$exp_vocoder")
  vcdisent report "${checkpoints[@]}" -o "$exp/RESULTS.md"
  converted=()
  for folder in "$exp"/converted/*/; do
    [[ ! -d $folder ]] || converted+=("${folder%/}")
  done
  [[ ${#converted[@]} -eq 0 ]] || job vcdisent page "$data/conversions" "${converted[@]}" -o "$exp/page"
  cat "$exp/RESULTS.md"
  echo "In $PWD/$exp: RESULTS.md, scores, converted recordings, and page/index.html to listen to them."
fi
