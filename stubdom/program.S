/* Embeds the program file (embedded.h). */
    .section .rodata
    .balign 16
    .globl embedded_program, embedded_program_end
embedded_program:
    .incbin PROGRAM_FILE
embedded_program_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
