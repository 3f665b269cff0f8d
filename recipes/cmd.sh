# How a recipe starts its jobs: what stands in front of a stage's command, here nothing. On a cluster set them in the
# environment or edit this file, for example train_cmd="srun --gres=gpu:1" and cpu_cmd="srun --cpus-per-task=16".
# shellcheck shell=bash disable=SC2034

train_cmd=${train_cmd:-} # training: stage 3
cpu_cmd=${cpu_cmd:-}     # everything else that computes
