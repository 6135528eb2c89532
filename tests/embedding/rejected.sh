#!/usr/bin/env bash
# Programs that misuse the C++ interface must not compile, and the compiler must say why in the words after "expected:"
# in the first line of each file of rejected/. Checked with clang++ and g++.
source "$(dirname "$0")/../checks.sh" ''
cd "$here/rejected" || exit 1
for file in *.cpp; do
  expected=$(sed -n '1s|^// expected: ||p' "$file")
  options=$(sed -n 's|^// compile: ||p' "$file")
  for compiler in clang++-19 g++; do
    # shellcheck disable=SC2086
    output=$($compiler -std=c++20 -fsyntax-only -I../../../include $options "$file" 2>&1)
    status=$?
    if [[ $status -ne 0 && -n $expected && $output == *"$expected"* ]]; then
      passes
    else
      fails "$compiler $file: status $status, expected \"$expected\", got:" "${output:0:2000}"
    fi
  done
done
summarise
