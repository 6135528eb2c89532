# expect: in 32 bits, but the code may be anywhere
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movsd constants(,%rax,8), %xmm0
  .section .rodata.cst8,"aM",@progbits,8
constants:
  .quad 1, 2
