/*
 * The layout of both images. They are linked at 64 KiB, so that address 0 and the pages after it can
 * be left unmapped. Text and constants have pages of their own, so that they can be made read-only.
 */
OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)
ENTRY(_start)
PHDRS
{
    text PT_LOAD FLAGS(5);
    rodata PT_LOAD FLAGS(4);
    data PT_LOAD FLAGS(6);
    note PT_NOTE FLAGS(4);
}
SECTIONS
{
    . = 0x10000;
    __text_start = .;
    .text : {
        *(.text.entry)
        *(.text.hypercall)
#include HOT_TEXT
        *(.text .text.*)
    } :text
    . = ALIGN(4096);
    __text_end = .;
    __rodata_start = .;
    .rodata : { *(.rodata .rodata.*) } :rodata
    .note : { *(.note.Xen) } :rodata :note
    .eh_frame : { *(.eh_frame) } :rodata
    . = ALIGN(4096);
    __rodata_end = .;
    __data_start = .;
    .data : { *(SORT_BY_ALIGNMENT(.data) SORT_BY_ALIGNMENT(.data.*)) } :data
    __data_end = .;
    ASSERT(__data_end - __data_start <= 4096, "the initial data has one page: first_data in mini-os/kernel/image.c")
    . = ALIGN(4096);
    .bss : {
        *(.bss.page_aligned)
        /* Variables that each message touches begin a page: HOT_DATA in mini-os/compiler.h and engine/compiler.h. */
        . = ALIGN(4096);
        *(.bss..hot)
        *(.bss..hot.large)
        *(SORT_BY_ALIGNMENT(.bss) SORT_BY_ALIGNMENT(.bss.*)) *(COMMON)
        . = ALIGN(4096);
        __guard = .;
        . += 4096;
        __stack_bottom = .;
        . += 262144;
        __stack_top = .;
        /* Room for a larger image that replaces this one (mini-os/handover.h). */
        . += IMAGE_ROOM;
    } :data
    __image_end = .;
    /DISCARD/ : { *(.comment) *(.note.GNU-stack) *(.note.gnu.*) *(.eh_frame_hdr) }
}
