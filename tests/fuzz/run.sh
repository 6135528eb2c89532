#!/usr/bin/env bash
# Runs the fuzzers (libFuzzer) for a bounded time each.
#
#     tests/fuzz/run.sh path/to/selvage [SECONDS]
#
# The fuzzers stand beside the command in the sanitizer build; other builds have none. Inputs that once failed are kept
# in regressions/<fuzzer>/ and run first; what a run finds is written to the folder from which it is called.
source "$(dirname "$0")/../checks.sh" "$1"
seconds=${2:-20}

# Chunks depend on the opcodes, so they are made of programs by the command that is tested; and once for each way of
# running them.
mkdir "$work/bytecode" "$work/source" "$work/strings"
for program in "$here"/seeds/*.lua; do
  name=$(basename "$program" .lua)
  cp "$program" "$work/source/$name"
  "$selvage" -c "$program" -o "$work/chunk" || exit 1
  for mode in 0 1 2 3; do
    { printf "\\00$mode"; cat "$work/chunk"; } >"$work/bytecode/$name.$mode"
  done
done
cp "$here"/strings/* "$work/strings"

for fuzzer in bytecode source strings; do
  regressions=$here/regressions/$fuzzer
  [ -d "$regressions" ] || regressions=
  # shellcheck disable=SC2086
  if "$build/selvage_fuzz_$fuzzer" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=4096 \
    -verbosity=0 -print_final_stats=0 "$work/$fuzzer" $regressions >"$work/log" 2>&1; then
    passes
  else
    fails "$fuzzer" "$(tail -n 60 "$work/log")"
  fi
done
summarise
