# SM-MNIST's settings for recipes/video.sh, each of them an option too.
# shellcheck shell=bash disable=SC2034

corpus=smmnist # the name of its data and of its experiment; it is drawn from this, which has a name of its own:
mnist=$PWD/downloads/mnist
if [[ -d ../../../shared/data/mnist ]]; then
  mnist=$(cd ../../../shared/data/mnist && pwd)
fi
corpus_option=mnist
train_set=train
dev_set=dev
test_set="test"
judge_set=train

corpus_help="  --mnist DIR          MNIST's IDX files (default $mnist)"
