/*
 * One engine for another, on the same links: for a live update, with the state that the old
 * program hands over, or because the old one failed, with what the journal has kept of it.
 */
#ifndef STUBDOM_EXCHANGE_H
#define STUBDOM_EXCHANGE_H

#include <stdbool.h>

/** Lets the program that update.h wants take over, if it wants one; false: the present one goes on.
 */
bool exchange_update(void);
/**
 * The program failed. What it did since the last boundary never was; a fresh engine starts it
 * again on the rest, and the message that it was serving comes again, or, where that happened
 * before, is refused. False: that fails as well, again and again.
 */
bool exchange_recover(void);
/** How often that was done. */
unsigned exchange_recoveries(void);

#endif
