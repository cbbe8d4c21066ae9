#ifndef MINI_OS_PANIC_H
#define MINI_OS_PANIC_H

#include <stdint.h>

/* Registers in the order in which arch/x86/traps.S pushes them, lowest address first. */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error_code;
    uint64_t rip, cs, rflags, rsp, ss;
};

/** Called before the domain ends, to print more. It must not allocate or block. NULL: nothing. */
extern void (*panic_last_words)(void);
/** Called before the domain ends, with the reason. It may start another image. */
extern void (*panic_instead)(const char *why);
/** Prints the reason and the call chain, and shuts the domain down with SHUTDOWN_crash. */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/** The same for an exception, with its registers. */
void trap_fatal(const struct trap_frame *frame) __attribute__((noreturn));
/** Shuts the domain down with SHUTDOWN_poweroff. */
void power_off(void) __attribute__((noreturn));

#endif
