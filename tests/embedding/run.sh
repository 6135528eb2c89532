#!/usr/bin/env bash
# Tests of the C and C++ interfaces as an embedder sees them.
#
#     tests/embedding/run.sh path/to/selvage
#
# Prints what failed and, last, "N passed, N failed".
set -u

cd "$(dirname "$0")" || exit 1
passed=0
failed=0

# group COMMAND...: runs a test program whose last line is "N passed, N failed"; shows the rest if something failed.
group() {
  local output summary
  output=$("$@" 2>&1)
  local status=$?
  summary=$(tail -n 1 <<<"$output")
  if [[ $summary =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    [[ $status -ne 0 && ${BASH_REMATCH[2]} -eq 0 ]] && failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
  [[ $status -eq 0 ]] || printf '%s\n' "FAILED: $*" "$output"
}

group ./compare_headers.py

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
