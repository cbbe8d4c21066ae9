/* How much memory this process may take. */
#ifndef STUBDOM_LINUX_MEMORY_H
#define STUBDOM_LINUX_MEMORY_H

#include <stddef.h>

/**
 * Bytes for the engine's heap: what the limits of the process, its control groups and the machine
 * leave, less `taken`, which is allocated beside it, and less what an allocator loses between
 * blocks.
 */
size_t memory_available(size_t taken);

/** Where much less is in use than there was, the rest goes back to the system. Call it when idle.
 */
void memory_give_back(size_t used);

#endif
