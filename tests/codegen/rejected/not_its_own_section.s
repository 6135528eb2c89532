# expect: does not begin its own section
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  ret
  .section selvage_stencils,"a",@progbits
  .quad Second, .Lname_First
  .long 1, 0, 0, 0
  .section .text.First,"ax",@progbits
  .type Second,@function
Second:
  ret
