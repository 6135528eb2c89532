#!/usr/bin/env bash
# C modules of Debian's packages, compiled for Lua 5.4 and unmodified, loaded by require: each program here is run by the
# reference and by the command in every JIT mode, and what they print must be the same.
#
#     tests/modules/run.sh path/to/selvage
set -u

selvage=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4
passed=0
failed=0

# run COMMAND...: with an empty folder of its own.
run() {
  rm -rf "$work/folder"
  mkdir "$work/folder"
  TEST_FOLDER="$work/folder" timeout -k 1 120 "$@" </dev/null
}

for program in *.lua; do
  if ! run lua5.4 "$program" >"$work/expected" 2>"$work/errors" || [[ ! -s $work/expected ]]; then
    echo "FAILED: $program does not run under lua5.4"
    cat "$work/errors"
    failed=$((failed + 1))
    continue
  fi
  for mode in off on always; do
    if run "$selvage" --jit=$mode "$program" >"$work/actual" 2>"$work/errors" && cmp -s "$work/expected" "$work/actual"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "FAILED: $program with --jit=$mode"
      { diff "$work/expected" "$work/actual"; cat "$work/errors"; } | head -n 20
    fi
  done
done

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
