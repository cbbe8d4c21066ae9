/* Attributes of the compiler, by names that say what they are for. */
#ifndef ENGINE_COMPILER_H
#define ENGINE_COMPILER_H

/* For functions that each message passes: no call, also where they are in another file of an image.
 */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* Compiled out of line, away from what each message passes. */
#define COLD __attribute__((noinline, cold))

#endif
