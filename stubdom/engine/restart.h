/* Recovery: a fresh engine replaces one that failed, on the same links, from the journal. */
#ifndef STUBDOM_RESTART_H
#define STUBDOM_RESTART_H

#include <stdbool.h>

/**
 * Called after the program failed. Discards what it did since the last commit point and starts it
 * in a fresh engine. It then serves the same message again, or refuses it if it failed before.
 * False: several starts failed too, and there is no program.
 */
bool restart_program(void);

#endif
