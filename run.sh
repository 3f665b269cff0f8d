#!/usr/bin/env bash
# ./run.sh [--egs NAME] [options]: runs egs/NAME/run.sh (default timit) and hands it all other options.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recipes=$(cd "$root/egs" && echo *)
egs=timit
options=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --egs)
      egs=${2:-}
      shift
      ;;
    --egs=*) egs=${1#--egs=} ;;
    --help | -h)
      echo "--egs NAME picks the recipe: $recipes (default timit). Here $egs:"
      options+=("$1")
      ;;
    *) options+=("$1") ;;
  esac
  shift $(($# > 0))
done

if [[ -z $egs || ! -x $root/egs/$egs/run.sh ]]; then
  echo "run.sh: no recipe '$egs'; --egs takes one of: $recipes" >&2
  exit 2
fi
exec "$root/egs/$egs/run.sh" "${options[@]}"
