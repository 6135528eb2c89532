# expect: no section selvage_stencils
.include "stencil_macros.inc"
  .text
  ret
