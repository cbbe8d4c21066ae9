/*
 * PV entry: 64-bit, ring 3 below Xen, paging on, RSI = start_info, events masked.
 * ELF notes: xen/include/public/elfnote.h.
 */
#define NOTE(type, value...)         \
    .section .note.Xen, "a", @note;  \
    .balign 4;                       \
    .long 4, 2f - 1f, type;          \
    .asciz "Xen";                    \
    1: value; 2: .balign 4

NOTE(6, .asciz "xenstore-ts")        /* GUEST_OS */
NOTE(8, .asciz "generic")            /* LOADER */
NOTE(5, .asciz "xen-3.0")            /* XEN_VERSION */
NOTE(3, .quad 0)                     /* VIRT_BASE: addresses are pseudo-physical */
NOTE(4, .quad 0)                     /* PADDR_OFFSET */
NOTE(1, .quad _start)                /* ENTRY */
NOTE(2, .quad hypercall_page)        /* HYPERCALL_PAGE */

    .section .text.entry, "ax", @progbits
    .globl _start
_start:
    cld
    leaq __stack_top(%rip), %rsp
    /* Xen starts a guest with x87 exceptions unmasked and a precision of 24 bits. */
    fninit
    ldmxcsr default_mxcsr(%rip)
    movq %rsi, %rdi
    call pv_start

    /*
     * The upcall. Xen has set the upcall mask, and it stays set: event_next()
     * takes the pending ports, and only the blocking hypercall opens the mask.
     * So nothing but that hypercall is ever interrupted, and a plain iretq is
     * enough. CS and SS need their ring bits back, because Xen shows ring 0.
     */
    .globl pv_upcall
pv_upcall:
    popq %rcx
    popq %r11
    orb $3, 8(%rsp)
    orb $3, 32(%rsp)
    iretq

    /* Xen calls it if it cannot load a segment register; this kernel loads none. */
    .globl pv_failsafe
pv_failsafe:
    ud2

    .section .note.GNU-stack, "", @progbits
