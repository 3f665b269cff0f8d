# What the stages of all recipes are made of. The recipe that sources this file has read its options, and has set name,
# dump, device and the arrays train_cmd, cpu_cmd and feature_args.
# shellcheck shell=bash disable=SC2154

if [[ $stage -gt 7 || $stop_stage -gt 7 || $stage -gt $stop_stage ]]; then
  echo "$program_name: no stage from $stage to $stop_stage: they are 0 to 7, and --stop_stage is not before --stage" >&2
  exit 2
fi

# stage_runs N WHAT: whether stage N is among those asked for; if so, says that it begins.
stage_runs() {
  [[ $stage -le $1 && $stop_stage -ge $1 ]] && echo "$(date '+%F %T') stage $1: $2"
}

# train OVERRIDE...: trains on this corpus, on the CPU, on one GPU or on several. Of two overrides the last one wins.
train() {
  local start=("${train_cmd[@]}")
  # Large arrays are kept from step to step, in large pages: asking the system for them anew took a quarter of a step of
  # video on a CPU.
  local -x THP_MEM_ALLOC_ENABLE=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000
  [[ $ngpu -le 1 ]] || start+=(torchrun --standalone --nproc_per_node="$ngpu" --no-python)
  "${start[@]}" vcdisent train corpus="$name" corpus.train="$dump/$train_set" corpus.dev="$dump/$dev_set" \
    trainer.device="$device" seed="$seed" "${feature_args[@]}" "$@"
}

# job COMMAND...: runs it as cpu_cmd says; recordings or clips that it had to leave out, and has listed, do not end the
# recipe.
job() {
  allow_skipped.sh "${cpu_cmd[@]}" "$@"
}
