/* Symbols that both entries need. */
    .section .text.hypercall, "ax", @progbits
    .balign 4096
    /* Filled by Xen: by the domain builder for PV, by a write to an MSR for PVH (pvh/start.c). */
    .globl hypercall_page
hypercall_page:
    .skip 4096

    .section .rodata
    .balign 4
    /* The processor's reset value: all SSE exceptions masked, round to nearest. */
    .globl default_mxcsr
default_mxcsr:
    .long 0x1f80
    .section .note.GNU-stack, "", @progbits
