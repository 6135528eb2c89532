# expect: unknown hole hole_z
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movl hole_z(%r13), %eax
