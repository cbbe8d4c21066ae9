/*
 * PVH entry: 32-bit flat protected mode, paging off, EBX = physical address of
 * hvm_start_info (xen/include/public/arch-x86/hvm/start_info.h), interrupts off.
 */
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 4, 18 /* PHYS32_ENTRY */
    .asciz "Xen"
    .long _start
    .balign 4

#define CR0_PE 0x00000001
#define CR0_MP 0x00000002
#define CR0_NE 0x00000020
#define CR0_WP 0x00010000
#define CR0_PG 0x80000000
#define CR4_PAE 0x020
#define CR4_OSFXSR 0x200
#define CR4_OSXMMEXCPT 0x400
#define EFER 0xc0000080
#define EFER_LME 0x100
#define EFER_NXE 0x800

/*
 * Identity mapping: 2 MiB pages for the first 4 GiB and for the window for
 * grants behind them, but 4 KiB pages for the first 4 MiB, where pvh_start
 * makes text and constants read-only and unmaps guard pages. The tables are
 * filled here, because they would be a hundredth of the image's size.
 */
#define TABLE 0x63 /* present, writable, accessed, dirty */
#define LARGE 0xe3
#define DIRECTORIES 5
#define LOW_TABLES 2
#define LARGE_PAGES (4 * 512 + 64) /* with 32,768 grant slots */

    .section .text.entry, "ax", @progbits
    .code32
    .globl _start
_start:
    cld
    movl $directories, %edi
    movl $LARGE, %eax
    xorl %edx, %edx
    movl $LARGE_PAGES, %ecx
1:  movl %eax, (%edi)
    movl %edx, 4(%edi)
    addl $0x200000, %eax
    adcl $0, %edx
    addl $8, %edi
    decl %ecx
    jnz 1b
    movl $pvh_low_tables, %edi
    movl $TABLE, %eax
    movl $(LOW_TABLES * 512), %ecx
2:  movl %eax, (%edi)
    addl $0x1000, %eax
    addl $8, %edi
    decl %ecx
    jnz 2b
    movl $(pvh_low_tables + TABLE), directories
    movl $(pvh_low_tables + 0x1000 + TABLE), directories + 8
    movl $pointer_table, %edi
    movl $(directories + TABLE), %eax
    movl $DIRECTORIES, %ecx
3:  movl %eax, (%edi)
    addl $0x1000, %eax
    addl $8, %edi
    decl %ecx
    jnz 3b
    movl $(pointer_table + TABLE), top_table
    movl $top_table, %eax
    movl %eax, %cr3
    movl $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
    movl %eax, %cr4
    movl $EFER, %ecx
    rdmsr
    orl $(EFER_LME | EFER_NXE), %eax
    wrmsr
    /* EM and TS stay clear: the FPU is always usable. */
    movl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
    movl %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $long_mode

    .code64
long_mode:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    leaq __stack_top(%rip), %rsp
    fninit
    ldmxcsr default_mxcsr(%rip)
    movl %ebx, %edi
    call pvh_start

    /*
     * The upcall. It returns with interrupts off: event_next() takes the
     * pending ports, and only arch_idle enables interrupts.
     */
    .globl pvh_upcall
pvh_upcall:
    andl $~0x200, 16(%rsp)
    /* If it came before the hlt, which would now wait for ever with interrupts off, skip the hlt. */
    cmpq $idle_hlt, (%rsp)
    jne 1f
    movq $idle_done, (%rsp)
1:  iretq

    /* void arch_idle(void): sti takes effect after the next instruction; pvh_upcall handles the rest. */
    .globl arch_idle
arch_idle:
    sti
idle_hlt:
    hlt
idle_done:
    cli
    ret

    .data
    .balign 16
    .globl pvh_gdt
pvh_gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* 8: 64-bit code */
    .quad 0x00cf93000000ffff /* 16: data */
    .quad 0, 0               /* 24: the task state segment, filled by pvh_start */
gdt_pointer:
    .word . - pvh_gdt - 1
    .long pvh_gdt

    .section .bss.page_aligned, "aw", @nobits
    .balign 4096
top_table:
    .skip 4096
pointer_table:
    .skip 4096
directories:
    .skip DIRECTORIES * 4096
    .globl pvh_low_tables
pvh_low_tables:
    .skip LOW_TABLES * 4096
    .section .note.GNU-stack, "", @progbits
