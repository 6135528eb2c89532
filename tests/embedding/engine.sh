#!/usr/bin/env bash
# The example engine: the same seed gives the same world in each JIT mode, with and without a hot reload; wrong options are
# explained.
#
#     engine.sh path/to/selvage_engine
set -u

engine=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check NAME COMMAND...
check() {
  local name=$1
  shift
  if "$@" >"$work/shown" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    tail -n 20 "$work/shown"
  fi
}

checksum() { "$engine" --frames 90 --entities 400 --no-picture "$@" | sed -n 's/^checksum //p'; }

# refuses WORDS OPTION...: ends with status 2 and says so on standard error.
refuses() {
  local words=$1 output
  shift
  output=$("$engine" "$@" 2>&1 >/dev/null)
  [[ $? -eq 2 && $output == *"$words"* ]]
}

expected=$(checksum --seed 5 --jit=off)
check "a checksum" test -n "$expected"
for options in --jit=on --jit=always "--jit=on --reload-at 45"; do
  # shellcheck disable=SC2086
  check "the same world with $options" test "$(checksum --seed 5 $options)" = "$expected"
done
check "another world for another seed" test "$(checksum --seed 6)" != "$expected"

"$engine" --frames 30 --entities 200 --svg "$work/world.svg" >"$work/output" 2>&1
check "the picture as SVG" python3 -c 'import sys, xml.etree.ElementTree as t; assert len(t.parse(sys.argv[1]).getroot()) == 4' \
  "$work/world.svg"
check "the picture as text" grep -q '^|.*[.oX].*|$' "$work/output"
check "median, p99 and maximum" grep -Eq '^median [0-9.]+ ms, p99 [0-9.]+ ms, maximum [0-9.]+ ms over 30 frames$' "$work/output"
check "the collector's share" grep -Eq '^collector: [0-9.]+ % of the time' "$work/output"

check "--help" "$engine" --help
check "an unknown option" refuses "there is no option '--speed'" --speed 3
check "no number" refuses "--frames needs a whole number from 1 to 1000000, not 'many'" --frames many
check "a number out of range" refuses "--entities needs a whole number" --entities 0
check "a missing value" refuses "--svg needs a value" --svg
check "a wrong mode" refuses "--jit is off, on or always, not 'fast'" --jit=fast
fails() { ! "$@"; }
check "no scripts" fails "$engine" --scripts "$work/none"
check "a picture that cannot be written" fails "$engine" --frames 1 --entities 5 --no-picture --svg "$work/none/x.svg"

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
