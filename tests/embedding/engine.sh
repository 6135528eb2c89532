#!/usr/bin/env bash
# The example engine: the same seed gives the same world in each JIT mode, with and without a hot reload; wrong options
# are explained.
#
#     engine.sh path/to/selvage_engine
source "$(dirname "$0")/../checks.sh" "$1"
engine=$selvage

checksum() { "$engine" --frames 90 --entities 400 --no-picture "$@" | sed -n 's/^checksum //p'; }

# refuses WORDS OPTION...: ends with status 2 and says so on standard error.
refuses() {
  local words=$1 output
  shift
  output=$("$engine" "$@" 2>&1 >/dev/null)
  [[ $? -eq 2 && $output == *"$words"* ]]
}

expected=$(checksum --seed 5 --jit=off)
succeeds "a checksum" test -n "$expected"
for options in --jit=on --jit=always "--jit=on --reload-at 45"; do
  # shellcheck disable=SC2086
  succeeds "the same world with $options" test "$(checksum --seed 5 $options)" = "$expected"
done
succeeds "another world for another seed" test "$(checksum --seed 6)" != "$expected"

"$engine" --frames 30 --entities 200 --svg "$work/world.svg" >"$work/output" 2>&1
succeeds "the picture as SVG" python3 -c 'import sys, xml.etree.ElementTree as t; assert len(t.parse(sys.argv[1]).getroot()) == 4' \
  "$work/world.svg"
succeeds "the picture as text" grep -q '^|.*[.oX].*|$' "$work/output"
succeeds "median, p99 and maximum" grep -Eq '^median [0-9.]+ ms, p99 [0-9.]+ ms, maximum [0-9.]+ ms over 30 frames$' "$work/output"
succeeds "the collector's share" grep -Eq '^collector: [0-9.]+ % of the time' "$work/output"

succeeds "--help" "$engine" --help
succeeds "an unknown option" refuses "there is no option '--speed'" --speed 3
succeeds "no number" refuses "--frames needs a whole number from 1 to 1000000, not 'many'" --frames many
succeeds "a number out of range" refuses "--entities needs a whole number" --entities 0
succeeds "a missing value" refuses "--svg needs a value" --svg
succeeds "a wrong mode" refuses "--jit is off, on or always, not 'fast'" --jit=fast
isRefused() { ! "$@"; }
succeeds "no scripts" isRefused "$engine" --scripts "$work/none"
succeeds "a picture that cannot be written" isRefused "$engine" --frames 1 --entities 5 --no-picture --svg "$work/none/x.svg"

summarise
