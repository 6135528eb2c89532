#!/usr/bin/env bash
# Tests of many states in many threads.
#
#     tests/threads/run.sh path/to/selvage
#
# The program and the library are taken from beside the command, which itself need not be there. Prints what failed and,
# last, "N passed, N failed".
source "$(dirname "$0")/../checks.sh" "$1"
cd "$here" || exit 1
export TSAN_OPTIONS=exitcode=99:suppressions=$PWD/known_races.txt

program=$build/selvage_thread_tests
isInstrumented() { nm "$program" | grep -q -- "$1"; }

# ---- the program; fewer rounds where everything takes ten times as long ----
rounds=2
isInstrumented __asan_init && rounds=1
isInstrumented __tsan_init && rounds=1
group 'selvage_thread_tests' timeout -k 1 500 "$program" work "$rounds"

if isInstrumented __tsan_init; then
  equal 'a race within the library is found' 'exchangePercentage' \
    "$("$program" --one-state 2>&1 | grep -oE 'exchangePercentage' | head -n 1)"
fi

# ---- what the library has in memory that states could share ----
if [[ -e $build/libselvage.so ]] && ! isInstrumented __asan_init; then
  equal 'no writable data in the library' '' "$(./writable_globals.py "$build/libselvage.so" 2>&1)"
  cat >"$work/sample.cpp" <<'END'
#include <string>
const char* const constant = "constant";
int next() {
  static int counter = 7;
  static thread_local int ofThread;
  static const std::string made(static_cast<size_t>(counter), 'x');
  return ++counter + ++ofThread + static_cast<int>(made.size());
}
END
  clang++-19 -shared -fPIC -fuse-ld=lld "$work/sample.cpp" -o "$work/sample.so"
  equal 'writable data is found' \
    '.bss _ZGVZ4nextvE4madeB5cxx11 .bss _ZZ4nextvE4madeB5cxx11 .data _ZZ4nextvE7counter .tbss _ZZ4nextvE8ofThread ' \
    "$(./writable_globals.py "$work/sample.so" | sort | tr '\n' ' ')"
fi

summarise
