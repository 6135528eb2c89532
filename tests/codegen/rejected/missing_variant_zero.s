# expect: opcode First: its variant 0 is missing
.include "stencil_macros.inc"
stencil First, 0, 1, 0
  ret
