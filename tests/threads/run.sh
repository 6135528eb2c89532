#!/usr/bin/env bash
# Tests of many states in many threads.
#
#     tests/threads/run.sh path/to/selvage
#
# The program and the library are taken from beside the command, which itself need not be there. Prints what failed and, last,
# "N passed, N failed".
set -u

build=$(dirname "$(realpath "$1")")
cd "$(dirname "$0")" || exit 1
export TSAN_OPTIONS=exitcode=99:suppressions=$PWD/known_races.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# equal NAME EXPECTED ACTUAL
equal() {
  if [[ "$2" == "$3" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  expected: %s\n  actual:   %s\n' "$1" "$2" "$3"
  fi
}

program=$build/selvage_thread_tests
isInstrumented() { nm "$program" | grep -q -- "$1"; }

# ---- the program; fewer rounds where everything takes ten times as long ----
rounds=2
isInstrumented __asan_init && rounds=1
isInstrumented __tsan_init && rounds=1
output=$(timeout -k 1 500 "$program" work "$rounds" 2>&1)
status=$?
if [[ $(tail -n 1 <<<"$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
  passed=$((passed + BASH_REMATCH[1]))
  failed=$((failed + BASH_REMATCH[2]))
  ((status == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
else
  failed=$((failed + 1))
fi
((status == 0)) || printf '%s\n' "FAILED: selvage_thread_tests (status $status)" "$output"

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

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
