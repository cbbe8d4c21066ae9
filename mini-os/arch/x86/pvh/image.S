/*
 * void start_image(const struct image_load *load, void *stack): copies the parts of an image over
 * the present one, and enters it as a domain builder would: 32-bit flat protected mode, paging off,
 * EBX = start info. The page tables lie in the image, so paging is off before the first byte is
 * copied. The code is copied to a page of its own, and is independent of its address.
 * mini-os/image.h has the layout.
 */
#define CR0_PG 0x80000000
#define EFER 0xc0000080
#define EFER_LME 0x100

    .text
    .globl start_image, start_image_end
start_image:
    cld
    movq %rsi, %rsp
    movl %edi, %ebx
    leaq gdt(%rip), %rax
    movq %rax, gdt_pointer + 2(%rip)
    lgdt gdt_pointer(%rip)
    leaq flat(%rip), %rax
    pushq $8
    pushq %rax
    lretq

    .code32
flat:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %cr0, %eax
    andl $~CR0_PG, %eax
    movl %eax, %cr0
    movl $EFER, %ecx
    rdmsr
    andl $~EFER_LME, %eax
    wrmsr
    leal 24(%ebx), %ebp
1:  movl (%ebp), %edi
    movl 8(%ebp), %esi
    movl 16(%ebp), %ecx
    rep movsb
    movl 24(%ebp), %ecx
    xorl %eax, %eax
    rep stosb
    addl $32, %ebp
    decl 16(%ebx)
    jnz 1b
    movl (%ebx), %eax
    movl 8(%ebx), %ebx
    jmp *%eax

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* 8: 32-bit code */
    .quad 0x00cf93000000ffff /* 16: data */
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .quad 0
start_image_end:
    .section .note.GNU-stack, "", @progbits
