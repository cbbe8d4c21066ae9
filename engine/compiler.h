/* Attributes of the compiler. */
#ifndef ENGINE_COMPILER_H
#define ENGINE_COMPILER_H

/* For functions that each message passes. Link-time optimization inlines them across files. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* For functions that few messages pass: never inlined, and placed apart from the hot ones. */
#define COLD __attribute__((noinline, cold))

/*
 * For variables that each READ or WRITE touches. In the images they lie side by side, from the
 * start of a page on (mini-os/arch/x86/image.lds.S), because each page costs a TLB miss after a
 * switch to this domain. Large ones come last. They must be initialized to zero.
 */
#ifdef __XEN_STUB__
#define HOT_DATA __attribute__((section(".bss..hot")))
#define HOT_DATA_LARGE __attribute__((section(".bss..hot.large")))
#else
#define HOT_DATA
#define HOT_DATA_LARGE
#endif

#endif
