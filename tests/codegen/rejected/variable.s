# expect: refers to the variable 'counter'
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  incq counter(%rip)
  .section .data.counter,"aw",@progbits
  .globl counter
counter:
  .quad 0
