# What the run.sh of each folder of tests is made of; bash.
#
#     source "$(dirname "$0")/../checks.sh" "$1"
#     ... checks ...
#     summarise
#
# Gives `selvage` (the program that the argument names, as an absolute path: nearly always the command), `build` (the
# folder that it is in), `here` (the folder of the tests) and `work` (an empty folder, removed at the end), and takes
# out of the environment what would change how Lua runs. Each check counts; the name of one that fails is printed with
# what there is to say.
set -u

selvage=${1:+$(realpath "$1")}
build=$(dirname "$selvage")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
# A subshell that is killed before it has put the trap aside runs it, too.
trap '[[ $BASHPID != "$$" ]] || rm -rf "$work"' EXIT
unset LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4
passed=0
failed=0

# passes: one more check is well.
passes() {
  passed=$((passed + 1))
}

# fails NAME TEXT...: one is not; the texts, a line or more each, say why.
fails() {
  failed=$((failed + 1))
  printf 'FAILED: %s\n' "$1"
  shift
  (($# == 0)) || printf '%s\n' "$@"
}

# equal NAME EXPECTED ACTUAL
equal() {
  if [[ $2 == "$3" ]]; then passes; else fails "$1" "  expected: $2" "  actual:   $3"; fi
}

# contains NAME PART ACTUAL
contains() {
  if [[ $3 == *"$2"* ]]; then passes; else fails "$1" "  expected: ...$2..." "  actual:   $3"; fi
}

# status NAME EXPECTED COMMAND...: the exit status of a command without input.
status() {
  local name=$1 expected=$2
  shift 2
  "$@" >/dev/null 2>&1 </dev/null
  equal "$name" "$expected" "$?"
}

# succeeds NAME COMMAND...: shows what the command prints if it fails, and fails then too.
succeeds() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passes
  else
    fails "$name" "$output"
    return 1
  fi
}

# group NAME COMMAND...: a test program whose last line is "N passed, N failed"; shows the rest if something failed.
group() {
  local name=$1 output status
  shift
  output=$("$@" 2>&1)
  status=$?
  if [[ $(tail -n 1 <<<"$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    ((status == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
    ((status == 0)) || printf '%s\n' "FAILED: $name (status $status)" "$output"
  else
    fails "$name (status $status, without a summary)" "$output"
  fi
}

# withInterpreter ARRAY COMMAND...: runs the command with the words of the array that is named in place of its word LUA.
withInterpreter() {
  local -n interpreter=$1
  local word words=()
  shift
  for word in "$@"; do
    if [[ $word == LUA ]]; then words+=("${interpreter[@]}"); else words+=("$word"); fi
  done
  "${words[@]}" </dev/null
}

# sameInEachMode NAME COMMAND...: a command, in which the word LUA stands for the interpreter, prints the same with
# lua5.4 and with the tested command in each JIT mode, and not nothing.
sameInEachMode() {
  local name=$1 mode
  local reference=(lua5.4) tested
  shift
  if ! withInterpreter reference "$@" >"$work/expected" 2>"$work/errors" || [[ ! -s $work/expected ]]; then
    fails "$name does not run under lua5.4" "$(<"$work/errors")"
    return
  fi
  for mode in off on always; do
    tested=("$selvage" "--jit=$mode")
    if withInterpreter tested "$@" >"$work/actual" 2>"$work/errors" && cmp -s "$work/expected" "$work/actual"; then
      passes
    else
      fails "$name with --jit=$mode" "$({ diff "$work/expected" "$work/actual"; cat "$work/errors"; } | head -n 20)"
    fi
  done
}

# summarise: prints the last line that tests/run_tests.py reads; the status of a script that ends with it says the same.
summarise() {
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
