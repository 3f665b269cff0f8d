#!/usr/bin/env bash
# Usage: allow_skipped.sh COMMAND...
# Runs a command of which a recipe does not need every recording: vcdisent's status 3, done but for the recordings
# that it has listed, becomes success. Any other status stays.
set -uo pipefail

"$@"
status=$?
if [[ $status -eq 3 ]]; then
  echo "$(basename "$0"): going on without the recordings listed above" >&2
  status=0
fi
exit $status
