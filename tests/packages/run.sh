#!/usr/bin/env bash
# Programs that use pure-Lua packages of Debian, run by the reference and by the command in every JIT mode: what they
# print must be the same.
#
#     tests/packages/run.sh path/to/selvage
#
# The packages (scripts/test installs them) are found through the default package.path.
source "$(dirname "$0")/../checks.sh" "$1"
cd "$here" || exit 1
export HOME="$work"

sameInEachMode penlight LUA containers_and_text.lua
sameInEachMode inspect LUA printed_tables.lua
sameInEachMode "what busted needs" LUA assertions_and_arguments.lua
for arguments in list 'config lua_version' 'config --scope=user' 'path --lr-path' 'help install'; do
  # shellcheck disable=SC2086 # the arguments are words
  sameInEachMode "luarocks $arguments" LUA /usr/bin/luarocks --lua-version 5.4 $arguments
done

summarise
