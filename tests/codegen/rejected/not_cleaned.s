# expect: no cold section
.include "stencil_macros.inc"
  .section selvage_stencils,"a",@progbits
  .quad First, name
  .long 0, 0, 0, 0
  .section .rodata.names,"a",@progbits
name:
  .asciz "First"
  .section .text.First,"ax",@progbits
  .type First,@function
First:
  ret
