#!/usr/bin/env bash
# Builds .venv at the root of the repository, unless it is there whole; path.sh calls this.
#
# The stamp .venv/.built, a copy of the pyproject.toml that was installed, is written last: without it a build is taken
# up again, and what is installed already is kept. A lock makes a second shell wait rather than build too. PYTHON names
# the interpreter to build with.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv
stamp=$venv/.built
log=$venv/build.log

say() { echo "path.sh: $*" >&2; }

# Prints the first interpreter that will do.
find_python() {
  local candidate candidates=(python3.11 python3.12 python3 python)
  [[ -z ${PYTHON:-} ]] || candidates=("$PYTHON")
  for candidate in "${candidates[@]}"; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] not in [(3, 11), (3, 12)])' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "no Python 3.11 or 3.12 found (tried: ${candidates[*]}); install one, or name it: PYTHON=/path/to/python3.11"
  return 1
}

install_with() {
  "$1" -m venv "$venv" &&
    "$venv/bin/python" -m pip install --disable-pip-version-check --editable "${root}[minitimit,dev]"
}

if [[ -e $stamp ]]; then
  cmp -s "$root/pyproject.toml" "$stamp" ||
    say "pyproject.toml has changed since .venv was built; 'make setup' brings it up to date"
  exit 0
fi

python=$(find_python)
mkdir -p "$venv"
if command -v flock >/dev/null; then
  exec 9>"$venv/.lock"
  flock --nonblock 9 || { say "another shell is building .venv: waiting for it" && flock 9; }
  [[ ! -e $stamp ]] || exit 0
fi

say "building .venv with $("$python" --version): about 5 GB on disk and two minutes on a fast line; log: $log"
if ! install_with "$python" >>"$log" 2>&1; then
  tail -n 5 "$log" >&2
  say "building .venv failed, as $log says; run this again when that is mended: it goes on where it stopped"
  exit 1
fi
cp "$root/pyproject.toml" "$stamp"
say "built in $SECONDS s"
