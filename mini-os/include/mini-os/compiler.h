/* Attributes of the compiler. */
#ifndef MINI_OS_COMPILER_H
#define MINI_OS_COMPILER_H

/* For variables that each message touches: image.lds.S places them side by side, with the
 * program's. They must be initialized to zero. */
#define HOT_DATA __attribute__((section(".bss..hot")))

#endif
