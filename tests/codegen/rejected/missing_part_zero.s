# expect: part 0 of opcode number 0, variant 0 is missing
.include "stencil_macros.inc"
stencil Resume, 0, 0, 1
  ret
