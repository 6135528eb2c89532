# expect: hole_next is an address
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movl $hole_next, %eax
