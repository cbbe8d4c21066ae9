/*
 * Exception entries. Each pushes a struct trap_frame (mini-os/panic.h) and
 * calls trap_fatal(): every exception is fatal here. In a PV guest, Xen pushes
 * RCX and R11 in addition; they are popped first, so that both kinds have the
 * processor's frame.
 */
#ifdef PV
#define TAKE_XEN_WORDS popq %rcx; popq %r11;
#else
#define TAKE_XEN_WORDS
#endif

    .text
.macro entry vector has_code
trap_\vector:
    TAKE_XEN_WORDS
    .if \has_code == 0
    pushq $0
    .endif
    pushq $\vector
    jmp trap_common
.endm

    entry 0, 0
    entry 1, 0
    entry 2, 0
    entry 3, 0
    entry 4, 0
    entry 5, 0
    entry 6, 0
    entry 7, 0
    entry 8, 1
    entry 9, 0
    entry 10, 1
    entry 11, 1
    entry 12, 1
    entry 13, 1
    entry 14, 1
    entry 15, 0
    entry 16, 0
    entry 17, 1
    entry 18, 0
    entry 19, 0

trap_common:
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, %rdi
    andq $-16, %rsp
    cld
    call trap_fatal

    .section .rodata
    .balign 8
    .globl trap_entries
trap_entries:
    .irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19
    .quad trap_\vector
    .endr
    .section .note.GNU-stack, "", @progbits
