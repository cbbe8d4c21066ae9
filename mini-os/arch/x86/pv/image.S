/*
 * void start_image(const struct image_load *load, void *stack): copies the parts of an image over
 * the present one, and jumps to its entry. It is copied to a page of its own, and uses no memory
 * but that and `load`, so it is independent of its address. mini-os/image.h has the layout.
 */
    .text
    .globl start_image, start_image_end
start_image:
    cld
    movq %rsi, %rsp
    movq %rdi, %rbx
    movq 16(%rbx), %rdx
    leaq 24(%rbx), %rbp
1:  movq (%rbp), %rdi
    movq 8(%rbp), %rsi
    movq 16(%rbp), %rcx
    rep movsb
    movq 24(%rbp), %rcx
    xorl %eax, %eax
    rep stosb
    addq $32, %rbp
    decq %rdx
    jnz 1b
    movq 8(%rbx), %rsi
    movq (%rbx), %rax
    jmp *%rax
start_image_end:
    .section .note.GNU-stack, "", @progbits
