/* The memory that this process may use. */
#ifndef STUBDOM_LINUX_MEMORY_H
#define STUBDOM_LINUX_MEMORY_H

#include <stddef.h>

/**
 * Bytes for the engine's heap: seven eighths of what the limits of the process, its control groups
 * and half of the machine leave beside `taken` bytes. The last eighth is for losses of malloc().
 * Never 0.
 */
size_t memory_available(size_t taken);

/** Returns free memory to the system if `used` has shrunk much. Call it before a wait. */
void memory_give_back(size_t used);

#endif
