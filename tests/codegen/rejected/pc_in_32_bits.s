# expect: hole_pc needs 64 bits
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movl $hole_pc, %eax
