# Command-line options for a script that sources this file (bash, with its arguments unchanged).
#
# Before it does, the script gives each option a default, as a variable in lower case, and names them in help_message.
# Then `--num-jobs 4`, `--num_jobs 4` and `--num_jobs=4` all set num_jobs. Where the default is true or false, or a
# whole number, so must the value be. A value that begins with `--` needs the form with `=`. `--help` prints
# help_message. Parsing stops at the first argument that is no option, or after `--`; what is left stays in "$@".
#
# A mistake ends the script with status 2 and one line on stderr, which calls the script program_name, if that is set.
# shellcheck shell=bash disable=SC2154

_options_mistake() {
  local script=${program_name:-${0##*/}}
  echo "$script: $1; see $script --help" >&2
  exit 2
}

# _options_set OPTION VALUE: gives the variable that OPTION stands for its value.
_options_set() {
  local _name=${1#--} _integer='^(0|[1-9][0-9]*)$'
  _name=${_name//-/_}
  [[ $_name =~ ^[a-z][a-z0-9_]*$ && -n ${!_name+set} && $help_message == *"--$_name"[\ ,=]* ]] ||
    _options_mistake "unknown option $1"
  if [[ ${!_name} == true || ${!_name} == false ]]; then
    [[ $2 == true || $2 == false ]] || _options_mistake "option $1 takes true or false, not '$2'"
  elif [[ ${!_name} =~ $_integer ]]; then
    [[ $2 =~ $_integer ]] || _options_mistake "option $1 takes a whole number, not '$2'"
  fi
  printf -v "$_name" '%s' "$2"
}

while [[ ${1:-} == -* ]]; do
  case $1 in
    --help | -h)
      printf '%s\n' "$help_message"
      exit 0
      ;;
    --)
      shift
      break
      ;;
    --*=*)
      _options_set "${1%%=*}" "${1#*=}"
      shift
      ;;
    --*)
      [[ $# -gt 1 ]] || _options_mistake "option $1 needs a value"
      [[ $2 != --* ]] || _options_mistake "option $1 needs a value; one that begins with -- is given as $1=\"$2 ...\""
      _options_set "$1" "$2"
      shift 2
      ;;
    *) _options_mistake "unknown option $1" ;;
  esac
done
unset -f _options_mistake _options_set
