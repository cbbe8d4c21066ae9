/* Attributes of the compiler, by names that say what they are for. */
#ifndef MINI_OS_COMPILER_H
#define MINI_OS_COMPILER_H

/* For variables that each message looks at: the layout of an image puts them side by side, with
 * those that the program marks so (image.lds.S). All of them begin as zero. */
#define HOT_DATA __attribute__((section(".bss..hot")))

#endif
