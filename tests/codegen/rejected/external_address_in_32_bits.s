# expect: uses 'selvage_slow' otherwise than by a jump
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movl $selvage_slow, %eax
