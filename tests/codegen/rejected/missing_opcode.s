# expect: opcode number 1 (before Third) has no stencil
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  ret
stencil Third, 2, 0, 0
  ret
