/* A fresh engine for one that failed, on the same links, with what the journal has kept. */
#ifndef STUBDOM_RESTART_H
#define STUBDOM_RESTART_H

#include <stdbool.h>

/**
 * The program failed. What it did since the last commit point never was; a fresh engine starts it
 * again on the rest, and the message that it was serving comes again, or, where that happened
 * before, is refused. False: that fails as well, again and again.
 */
bool restart_program(void);
/** How often that was done. */
unsigned restart_count(void);

#endif
