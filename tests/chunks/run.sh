#!/usr/bin/env bash
# Binary chunks with changes by chance, run under bounds; see mutated_chunks.cpp.
#
#     tests/chunks/run.sh path/to/selvage [SEED [COUNT]]
#
# The program is taken from beside the command. Prints what failed and, last, "N passed, N failed".
source "$(dirname "$0")/../checks.sh" "$1"
cd "$here/.." || exit 1
seed=${2:-20261201}
count=${3:-600}
sources=(fuzz/seeds/*.lua)
for name in numeric_for generic_for closures_upvalues goto_labels const_close coroutines varargs traversal errors; do
  sources+=("lua/$name.lua")
done
memory=$((64 << 20))
nm "$build/selvage_mutated_chunks" | grep -q __asan_init && count=$((count / 4))
"$build/selvage_mutated_chunks" "--seed=$seed" "--count=$count" "--memory-limit=$memory" "${sources[@]}"
