# Source this file (`. ./path.sh`, from anywhere, in bash) for a shell with `vcdisent` and the recipes' tools on its
# path. On first use it builds .venv beside this file. VCDISENT_VENV names an environment of your own to use instead,
# as it is.
# shellcheck shell=bash

_root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
_venv=${VCDISENT_VENV:-$_root/.venv}

if [[ -z ${VCDISENT_VENV:-} ]]; then
  "$_root/recipes/utils/build_venv.sh" || return 1
elif [[ ! -x $_venv/bin/vcdisent ]]; then
  echo "path.sh: VCDISENT_VENV=$_venv has no bin/vcdisent; install this package there, or unset VCDISENT_VENV" >&2
  return 1
fi

case $PATH in
  "$_venv/bin:$_root/recipes/utils:"*) ;;
  *) export PATH=$_venv/bin:$_root/recipes/utils:$PATH ;;
esac
unset _root _venv
