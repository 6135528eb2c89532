# expect: defined twice
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  ret
stencil Again, 0, 0, 0
  ret
