#ifndef MINI_OS_PANIC_H
#define MINI_OS_PANIC_H

#include <stdint.h>

/* Registers as arch/x86/traps.S pushes them, lowest address first. */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error_code;
    uint64_t rip, cs, rflags, rsp, ss;
};

/** What else is to be said before the end: set by the program, which must not rely on anything
 * then. */
extern void (*panic_last_words)(void);
/** Says why, prints the call chain and shuts the domain down with the crash reason. */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void trap_fatal(const struct trap_frame *frame) __attribute__((noreturn));
/** Shuts the domain down in good order. */
void power_off(void) __attribute__((noreturn));

#endif
