/* The end of the domain after a fatal error. It does not allocate, and does not depend on the
 * console ring. */
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/hypercall.h>
#include <mini-os/panic.h>
#include <stdarg.h>
#include <stdio.h>
#include <xen/sched.h>

#define CHAIN_WORDS 512
#define CHAIN_MOST 24

void (*panic_last_words)(void);
void (*panic_instead)(const char *why);

extern char __text_start[], __text_end[], __stack_bottom[], __stack_top[];

static void __attribute__((noreturn)) shutdown(unsigned reason) {
    struct sched_shutdown argument = {.reason = reason};
    for (;;)
        hypercall_op(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &argument);
}

/*
 * Prints return addresses on the stack. There are no frame pointers, so every word that points
 * behind a call instruction counts as one.
 */
static void print_chain(uintptr_t stack) {
    unsigned found = 0;
    uintptr_t bottom = (uintptr_t)__stack_bottom, top = (uintptr_t)__stack_top;

    if (stack < bottom || stack >= top)
        stack = bottom;
    const uintptr_t *word = (const uintptr_t *)(stack & -8UL);
    for (unsigned i = 0; i < CHAIN_WORDS && (uintptr_t)word < top; i++, word++) {
        uintptr_t address = *word;
        if (address < (uintptr_t)__text_start + 6 || address >= (uintptr_t)__text_end)
            continue;
        const unsigned char *code = (const unsigned char *)address;
        if (code[-5] != 0xe8 && code[-2] != 0xff && code[-3] != 0xff && code[-6] != 0xff)
            continue;
        console_line("  called from %p", (void *)address);
        if (++found == CHAIN_MOST)
            break;
    }
}

static void __attribute__((noreturn)) end(uintptr_t stack, const char *why) {
    print_chain(stack);
    if (panic_last_words)
        panic_last_words();
    if (panic_instead)
        panic_instead(why);
    shutdown(SHUTDOWN_crash);
}

void trap_fatal(const struct trap_frame *f) {
    static int again;
    char why[64];

    if (again++)
        shutdown(SHUTDOWN_crash);
    console_urgent(true);
#define LINE(...) console_line(__VA_ARGS__)
    LINE("mini-os: trap %lu, error code %#lx, address %#lx", f->vector, f->error_code,
         arch_fault_address());
    LINE("rip %016lx rsp %016lx rflags %08lx cs %lx ss %lx", f->rip, f->rsp, f->rflags, f->cs,
         f->ss);
    LINE("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
    LINE("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
    LINE("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", f->r9, f->r10, f->r11, f->r12);
    LINE("r13 %016lx r14 %016lx r15 %016lx", f->r13, f->r14, f->r15);
#undef LINE
    snprintf(why, sizeof(why), "trap %lu at %#lx", f->vector, f->rip);
    end(f->rsp, why);
}

void panic(const char *format, ...) {
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    console_urgent(true);
    console_line("mini-os: fatal: %s", text);
    end((uintptr_t)__builtin_frame_address(0), text);
}

void power_off(void) {
    console_flush();
    shutdown(SHUTDOWN_poweroff);
}
