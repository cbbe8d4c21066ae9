/* Attributes of the compiler, by names that say what they are for. */
#ifndef ENGINE_COMPILER_H
#define ENGINE_COMPILER_H

/* For functions that each message passes: no call, also where they are in another file of an image.
 */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* Compiled out of line, away from what each message passes. */
#define COLD __attribute__((noinline, cold))

/*
 * For variables that each READ or WRITE looks at. In the images they lie side by side from the
 * beginning of a page on (mini-os/arch/x86/image.lds.S), because a domain that was away has to find
 * each page again. The large ones stand last. All of them begin as zero.
 */
#ifdef __XEN_STUB__
#define HOT_DATA __attribute__((section(".bss..hot")))
#define HOT_DATA_LARGE __attribute__((section(".bss..hot.large")))
#else
#define HOT_DATA
#define HOT_DATA_LARGE
#endif

#endif
