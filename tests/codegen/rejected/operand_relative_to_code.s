# expect: hole_a is a number
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movl hole_a(%rip), %eax
