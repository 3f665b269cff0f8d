# The settings of Sprites for recipes/video.sh, each of them an option too.
# shellcheck shell=bash disable=SC2034

corpus=sprites # the name of its data and of its experiment, and of the option that says where it is:
sprites=
if [[ -d ../../../shared/data/sprites ]]; then
  sprites=$(cd ../../../shared/data/sprites && pwd)
fi
stand_in=drawn_sprites # what is used without it, and how long is trained on so little
stand_in_train_args="model.encoder.width=16 trainer.batch_size=32 trainer.max_steps=600 trainer.dev_every=200"
stand_in_judge_args="--max-steps 600"
train_set=train
dev_set=dev
test_set="test"
judge_set=train

corpus_help="  --sprites DIR        sprite sheets (default ${sprites:-none: drawn_sprites, figures drawn here, stand in})"
