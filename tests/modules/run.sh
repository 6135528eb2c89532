#!/usr/bin/env bash
# C modules of Debian's packages, compiled for Lua 5.4 and unmodified, loaded by require: each program here is run by
# the reference and by the command in every JIT mode, and what they print must be the same.
#
#     tests/modules/run.sh path/to/selvage
source "$(dirname "$0")/../checks.sh" "$1"
cd "$here" || exit 1

# inFolder COMMAND...: with an empty folder of its own.
inFolder() {
  rm -rf "$work/folder"
  mkdir "$work/folder"
  TEST_FOLDER="$work/folder" "$@"
}

for program in *.lua; do
  sameInEachMode "$program" inFolder timeout -k 1 120 LUA "$program"
done

summarise
