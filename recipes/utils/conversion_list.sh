#!/usr/bin/env bash
# Usage: conversion_list.sh DATADIR > LIST
# A fixed list for `vcdisent convert --list`: every speaker's first utterance, to be given the voices of the two
# speakers that follow (after the last comes the first), each heard in its last utterance, and once its own, which
# tells what the model and the vocoder cost by themselves. Lines: source target name.
set -euo pipefail

awk '
  NR == FNR { speaker_of[$1] = $2; next }
  {
    utterance = $1
    sub(/^[^ ]+ /, "")
    speaker = speaker_of[utterance]
    if (!(speaker in first)) { order[num_speakers++] = speaker; first[speaker] = $0; source[speaker] = utterance }
    last[speaker] = $0
  }
  END {
    for (i = 0; i < num_speakers; i++) {
      speaker = order[i]
      for (step = 1; step <= 2 && step < num_speakers; step++) {
        target = order[(i + step) % num_speakers]
        print first[speaker], last[target], source[speaker] "-as-" target
      }
      print first[speaker], first[speaker], source[speaker] "-as-itself"
    }
  }
' "$1/utt2spk" "$1/wav.scp"
