#!/bin/sh
# Compiler launcher for files made of handlers: compiles as told, then lets functions begin at multiples of 4 bytes.
#
# Processors predict the indirect jump that ends each handler from the addresses of the last few that they went to. If
# all handlers begin at multiples of 16, as compilers have it, too few bits tell them apart: AMD's then mistake one pair
# of handlers for another in loops with many of them (t[i - 1][j] + t[i + 1][j] ...), at nearly every turn.
"$@" || exit
while [ $# -gt 1 ]; do
  [ "$1" = -o ] && exec objcopy --set-section-alignment '.text.*=4' "$2"
  shift
done
