# expect: constants that contain addresses
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movq constants(%rip), %rax
  .section .rodata.pointers,"a",@progbits
constants:
  .quad selvage_slow
