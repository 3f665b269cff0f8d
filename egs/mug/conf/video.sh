# MUG's settings for recipes/video.sh, each of them an option too.
# shellcheck shell=bash disable=SC2034

corpus=mug # the name of its data and of its experiment, and of the option that says where it is:
mug=
stand_in=drawn_mug # what is used without it, and how long is trained on so little
stand_in_train_args="model.encoder.width=16 trainer.batch_size=32 trainer.max_steps=600 trainer.dev_every=200"
stand_in_judge_args="--max-steps 600"
prepare_args="--nj $(nproc)"
train_set=train
dev_set=dev
test_set="test"
judge_set=judge # a judge of identity must know the subjects of test, from other takes

corpus_help="  --mug DIR            MUG; without it drawn_mug, faces drawn here, stand in"
