/*
 * Fault injection, off by default: while a message is served, an allocation fails, a call of the
 * host throws, or the program is interrupted anywhere (`config inject-faults N`).
 */
#ifndef STUBDOM_FAULT_H
#define STUBDOM_FAULT_H

#include <quickjs.h>
#include <stdbool.h>

/** One in `messages` messages, chosen at random, meets a failure; 0: none. */
void fault_every(unsigned messages);
/* An allocation, a call of the host, or a check of the interrupt budget (a call or loop turn). */
enum fault_kind { FAULT_ALLOCATION, FAULT_CALL, FAULT_LOOK };
/** The next message fails at the n-th of this kind. */
void fault_next(enum fault_kind, unsigned n);
/** The transport has handed a message over. */
void fault_message(void);
/** The message is committed: a failure that it did not meet is dropped. */
void fault_end(void);
/** Called by the interrupt handler. True: interrupt the program here. */
bool fault_now(void);
/** Called by each binding. True: an exception is pending, and the binding returns it. */
bool fault_call(JSContext *ctx);
/** The number of interrupts and exceptions so far; failed allocations are not counted. */
unsigned fault_count(void);

#endif
