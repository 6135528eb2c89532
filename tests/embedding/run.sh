#!/usr/bin/env bash
# Tests of the C and C++ interfaces as an embedder sees them.
#
#     tests/embedding/run.sh path/to/selvage
#
# The libraries are taken from beside the command. The tests of the C API (c_api_*.c) run first with Debian's headers
# and library, then with ours in each JIT mode. So do those of C++ frames (frames_main.cpp), compiled in several ways.
# Prints what failed and, last, "N passed, N failed".
source "$(dirname "$0")/../checks.sh" "$1"
cd "$here" || exit 1
root=$(realpath ../..)

# compile NAME COMMAND...: a compiler's run, which must succeed without a word.
compile() {
  local name=$1 output
  shift
  output=$("$@" 2>&1)
  if [[ $? -ne 0 || -n $output ]]; then
    fails "$name" "$output"
    return 1
  fi
}

group 'headers' ./compare_headers.py

warnings=(-Wall -Wextra -Wpedantic -Wno-overlength-strings)
sanitizers=()
nm "$selvage" 2>/dev/null | grep -q __asan_init && sanitizers=(-fsanitize=address,undefined -fno-sanitize-recover=all)

if compile "C API with Debian's library" gcc -std=gnu99 -O1 "${warnings[@]}" -I/usr/include/lua5.4 c_api_*.c \
  -o "$work/reference" -llua5.4 -lm; then
  group "C API with Debian's library" timeout -k 1 120 "$work/reference"
fi

objects=()
for source in c_api_*.c; do
  objects+=("$work/${source%.c}.o")
  compile "$source" clang-19 -std=gnu99 -O1 -g "${warnings[@]}" "${sanitizers[@]}" -I"$root/include" -c "$source" \
    -o "$work/${source%.c}.o"
done
if compile 'C API' clang++-19 "${sanitizers[@]}" -fuse-ld=lld "${objects[@]}" "$build/libselvage.a" -o "$work/c_api" \
  -rdynamic -ldl -lm; then
  for mode in off on always; do
    group "C API, $mode" env SELVAGE_JIT=$mode timeout -k 1 200 "$work/c_api"
  done
  # With a collection at each safepoint: not those that count what is allocated, or which take minutes then.
  if ((${#sanitizers[@]} == 0)); then
    group 'C API under GC stress' env SELVAGE_JIT=always SELVAGE_GC_STRESS=1 timeout -k 1 200 "$work/c_api" \
      stack values tables calls coroutines closing auxiliary libraries
  fi
fi

# C++ frames between errors and those who catch them: with both compilers, with and without optimisation and frame
# pointers; as a module, where the command has its own C++ runtime.
noTables=(gcc -fPIC -O2 -fno-exceptions -fno-asynchronous-unwind-tables -DCALL=callWithoutTables)
tables=(gcc -fPIC -O2 -fexceptions -DCALL=callWithTables)
frames=("$work/no_tables.o" "$work/tables.o")
compile 'C frames without tables' "${noTables[@]}" -I"$root/include" -c frames_in_c.c -o "${frames[0]}"
compile 'C frames with tables' "${tables[@]}" -I"$root/include" -c frames_in_c.c -o "${frames[1]}"
compileFrames() {
  local name=$1 includes=$2
  shift 2
  compile "$name" "$@" -std=c++17 -Wall -Wextra -I"$includes" frames_main.cpp "${frames[@]}" -fuse-ld=lld "${libraries[@]}"
}
libraries=(-llua5.4 -o "$work/frames")
if compileFrames "C++ frames with Debian's library" /usr/include/lua5.4 g++ -O1 -DDESTRUCTORS_RUN=0; then
  group "C++ frames with Debian's library" timeout -k 1 60 "$work/frames"
fi
libraries=("$build/libselvage.a" -rdynamic -ldl -lm -o "$work/frames")
for options in {g++,clang++-19}' '-O{0,2}' '-f{,no-}omit-frame-pointer; do
  read -ra command <<<"$options"
  # A sanitizer's runtime is that of one compiler.
  if ((${#sanitizers[@]} > 0)); then
    [[ ${command[0]} == clang* ]] || continue
    command+=("${sanitizers[@]}" -fno-sanitize=null)
  fi
  if compileFrames "C++ frames, $options" "$root/include" "${command[@]}" -DDESTRUCTORS_RUN=1; then
    group "C++ frames, $options" timeout -k 1 100 "$work/frames"
  fi
done
libraries=(-shared -fPIC -o "$work/frames.so")
if ((${#sanitizers[@]} == 0)) &&
  compileFrames 'C++ frames as a module' "$root/include" g++ -O2 -DDESTRUCTORS_RUN=1; then
  for mode in off on always; do
    group "C++ frames as a module, $mode" \
      env LUA_CPATH="$work/?.so" timeout -k 1 60 "$selvage" --jit=$mode -e 'require "frames"'
  done
fi

# The C++ interface in each JIT mode; what must not compile is the same for all builds.
for mode in off on always; do
  group "C++ interface, $mode" env SELVAGE_TEST_JIT=$mode "$build/selvage_interface_tests"
done
case $build in
  *-sanitize) ;;
  *) group "misuse of the C++ interface" ./rejected.sh ;;
esac
group "example engine" ./engine.sh "$build/examples/engine/selvage_engine"

summarise
