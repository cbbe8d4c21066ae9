/* Hypercalls (public/arch-x86/xen-x86_64.h): `call hypercall_page + 32 * number`, with arguments in
 * RDI RSI RDX R10 R8. Negative results are Xen error numbers (public/errno.h). */
#ifndef MINI_OS_HYPERCALL_H
#define MINI_OS_HYPERCALL_H

#include <stdint.h>
#include <xen/xen.h>

extern char hypercall_page[];

static inline long hypercall5(unsigned number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                              uint64_t a5) {
    register uint64_t r10 __asm__("r10") = a4;
    register uint64_t r8 __asm__("r8") = a5;
    long result;
    __asm__ volatile("call *%[target]"
                     : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : [target] "r"(hypercall_page + 32 * number)
                     : "memory", "cc", "rcx", "r11", "r9");
    return result;
}

static inline long hypercall2(unsigned number, uint64_t a1, uint64_t a2) {
    return hypercall5(number, a1, a2, 0, 0, 0);
}

static inline long hypercall3(unsigned number, uint64_t a1, uint64_t a2, uint64_t a3) {
    return hypercall5(number, a1, a2, a3, 0, 0);
}

/** A hypercall of the usual form: a command, and a pointer to its argument. */
static inline long hypercall_op(unsigned number, unsigned command, void *argument) {
    return hypercall2(number, command, (uint64_t)argument);
}

#endif
