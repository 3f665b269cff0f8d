# LibriSpeech's settings for recipes/audio.sh, each of them an option too.
# shellcheck shell=bash disable=SC2034

corpus=librispeech # the name of its data and of its experiment, and of the option that says where it is:
librispeech=$PWD/downloads/LibriSpeech
if [[ -d ../../../shared/data/speech ]]; then
  librispeech=$(cd ../../../shared/data/speech && pwd)
fi
train_set=train
dev_set=dev
test_sets="test test_opus"
probe_train_set=train_aligned
probe_set=dev_aligned

corpus_help="  --librispeech DIR    LibriSpeech, mini-LibriSpeech or some of their subsets (default $librispeech)"
