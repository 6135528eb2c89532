# expect: unknown relocation kind R_X86_64_REX_GOTPCRELX against selvage_value
.include "stencil_macros.inc"
stencil First, 0, 0, 0
  movq selvage_value@GOTPCREL(%rip), %rax
