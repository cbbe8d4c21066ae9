/* A start that only finds out what memory a start writes to, while the executable is built. */
#ifndef STUBDOM_POSIX_REHEARSE_H
#define STUBDOM_POSIX_REHEARSE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Whether each block, in the order in which loading the program takes them, is written to until the
 * first request is answered. NULL: it cannot be found out.
 */
const bool *rehearse(size_t *count);

#endif
