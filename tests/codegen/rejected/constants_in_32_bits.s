# expect: hole_constants needs 64 bits
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movl $hole_constants, %eax
