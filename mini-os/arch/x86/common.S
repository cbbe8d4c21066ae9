/* What both entries name. */
    .section .text.hypercall, "ax", @progbits
    .balign 4096
    /* Filled by Xen: the builder does it for PV, the processor's interface for PVH. */
    .globl hypercall_page
hypercall_page:
    .skip 4096

    .section .rodata
    .balign 4
    /* All exceptions of SSE masked, round to nearest: the processor's own reset value. */
    .globl default_mxcsr
default_mxcsr:
    .long 0x1f80
    .section .note.GNU-stack, "", @progbits
