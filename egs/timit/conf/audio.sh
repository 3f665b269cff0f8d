# TIMIT's settings for recipes/audio.sh, each of them an option too.
# shellcheck shell=bash disable=SC2034

corpus=timit # the name of its data and of its experiment, and of the option that says where it is:
timit=
stand_in=minitimit # what is used without it, and how long ECAPA-TDNN trains on so little
stand_in_ecapa_args="trainer.max_steps=40 trainer.dev_every=10"
stand_in_probe_args="--pictures" # ten voices are too few for a speaker network
train_set=train
dev_set=dev
test_sets="test"
probe_train_set=train
probe_set="test"

corpus_help="  --timit DIR          TIMIT (LDC93S1); without it minitimit, synthetic speech made here, stands in"
