# expect: uses 'selvage_value' otherwise than by a jump
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movq selvage_value(%rip), %rax
