/*
 * One engine for another, on the same links: for a live update, with the state that the old
 * program hands over, or because the old one failed, with what the journal has kept of it.
 */
#ifndef STUBDOM_EXCHANGE_H
#define STUBDOM_EXCHANGE_H

#include <stdbool.h>

enum exchange {
    EXCHANGE_NONE, /* none was wanted */
    EXCHANGE_DONE,
    EXCHANGE_REFUSED, /* the present program goes on, and has a turn to make */
    EXCHANGE_LOST     /* there is no program any more */
};
/** Lets the program that update.h wants take over, if it wants one. */
enum exchange exchange_update(void);
/**
 * The program failed. What it did since the last boundary never was; a fresh engine starts it
 * again on the rest, and the message that it was serving comes again, or, where that happened
 * before, is refused. False: that fails as well, again and again.
 */
bool exchange_recover(void);
/** How often that was done. */
unsigned exchange_recoveries(void);

#endif
