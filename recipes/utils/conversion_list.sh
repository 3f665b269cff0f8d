#!/usr/bin/env bash
# Usage: conversion_list.sh DATADIR [VOICES [SOURCES [REFERENCES]]] > LIST
# A fixed list for `vcdisent convert --list`: every speaker's first SOURCES utterances (default 1), to be given the voices of
# the VOICES speakers that follow (default 2, or `all`; after the last comes the first), each heard in its last REFERENCES
# utterances (default 1), and the first of them once its own, which tells what the model and the vocoder cost by
# themselves. Lines: source target [target ...] name.
set -euo pipefail
if ! [[ ${4:-1} =~ ^[1-9][0-9]*$ ]]; then
  echo "conversion_list.sh: ${4} references of a voice: give 1 or more" >&2
  exit 2
fi

awk -v num_voices="${2:-2}" -v num_sources="${3:-1}" -v num_references="${4:-1}" '
  function quoted(path) { return path ~ / / ? "\"" path "\"" : path }
  function references(speaker,   k, list) {
    k = num_utterances[speaker] - num_references
    for (k = k < 0 ? 0 : k; k < num_utterances[speaker]; k++) list = list " " all[speaker, k]
    return list
  }
  NR == FNR { speaker_of[$1] = $2; next }
  {
    utterance = $1
    sub(/^[^ ]+ /, "")
    $0 = quoted($0)
    speaker = speaker_of[utterance]
    if (!(speaker in num_utterances)) order[num_speakers++] = speaker
    n = num_found[speaker] + 0
    if (n < num_sources) {
      recording[speaker, n] = $0
      id[speaker, n] = utterance
      num_found[speaker] = n + 1
    }
    all[speaker, num_utterances[speaker]++] = $0
  }
  END {
    if (num_voices == "all") num_voices = num_speakers - 1
    for (i = 0; i < num_speakers; i++) {
      speaker = order[i]
      for (n = 0; n < num_found[speaker]; n++)
        for (step = 1; step <= num_voices && step < num_speakers; step++) {
          target = order[(i + step) % num_speakers]
          print recording[speaker, n] references(target), id[speaker, n] "-as-" target
        }
      print recording[speaker, 0], recording[speaker, 0], id[speaker, 0] "-as-itself"
    }
  }
' "$1/utt2spk" "$1/wav.scp"
