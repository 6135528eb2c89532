#!/bin/sh
# Programs that use pure-Lua packages of Debian, run by the reference and by the command in every JIT mode: what they print
# must be the same.
#
#     tests/packages/run.sh path/to/selvage
#
# The packages (scripts/test installs them) are found through the default package.path.
set -u

selvage=$1
case $selvage in /*) ;; *) selvage=$PWD/$selvage ;; esac
cd "$(dirname "$0")" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4
export HOME="$work"
passed=0
failed=0

# compare NAME COMMAND...: the command's words, of which LUA stands for the interpreter.
compare() {
  name=$1
  shift
  command=$*
  sh -c "$(printf '%s' "$command" | sed "s|LUA|lua5.4|")" >"$work/expected" 2>"$work/errors" </dev/null
  expectedStatus=$?
  if [ "$expectedStatus" -ne 0 ] || [ ! -s "$work/expected" ]; then
    echo "FAILED: $name does not run under lua5.4"
    cat "$work/errors"
    failed=$((failed + 1))
    return
  fi
  for mode in off on always; do
    sh -c "$(printf '%s' "$command" | sed "s|LUA|'$selvage' --jit=$mode|")" >"$work/actual" 2>"$work/errors" </dev/null
    if [ $? -eq 0 ] && cmp -s "$work/expected" "$work/actual"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "FAILED: $name with --jit=$mode"
      { diff "$work/expected" "$work/actual"; cat "$work/errors"; } | head -n 20
    fi
  done
}

compare penlight LUA containers_and_text.lua
compare inspect LUA printed_tables.lua
compare "what busted needs" LUA assertions_and_arguments.lua
for arguments in list 'config lua_version' 'config --scope=user' 'path --lr-path' 'help install'; do
  compare "luarocks $arguments" LUA /usr/bin/luarocks --lua-version 5.4 "$arguments"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
