/*
 * Failures on purpose: now and then, while a message is served, an allocation fails, a call of
 * the host throws, or the program is stopped wherever it is. Only where somebody asked for it.
 */
#ifndef STUBDOM_FAULT_H
#define STUBDOM_FAULT_H

#include <quickjs.h>
#include <stdbool.h>

/** One in so many messages meets a failure; 0: none. */
void fault_every(unsigned messages);
/* The n-th allocation, call of the host, or call or turn of a loop of the program. */
enum fault_kind { FAULT_ALLOCATION, FAULT_CALL, FAULT_LOOK };
/** The next message meets this one. */
void fault_next(enum fault_kind, unsigned n);
/** A message begins, or all of it is done. */
void fault_message(void);
void fault_end(void);
/** Whether the program is to be stopped here. */
bool fault_now(void);
/** Whether this call of the host is to throw: then it has. */
bool fault_call(JSContext *ctx);
/** How many there were. */
unsigned fault_count(void);

#endif
