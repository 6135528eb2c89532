# expect: refers to the function 'helper'
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  callq helper
  .section .text.helper,"ax",@progbits
  .globl helper
helper:
  ret
