/*
 * Inputs that one daemon has had, one after the other. A failure may need those before it: they are
 * written into a directory then, and played again by naming all of them to the target in order.
 */
#ifndef FUZZ_HISTORY_H
#define FUZZ_HISTORY_H

#include <stddef.h>
#include <stdint.h>

/** A fresh daemon begins: what was before it has no part in what comes. */
void history_begin(void);
void history_add(const uint8_t *input, size_t size);
/** Says what is wrong, writes the history and ends the run. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
