/* What the limit of the heap (memory.c) and its blocks (allocator.c) share. */
#ifndef STUBDOM_ENGINE_MEMORY_INTERNAL_H
#define STUBDOM_ENGINE_MEMORY_INTERNAL_H

#include "memory.h"
#include "engine/compiler.h"

extern size_t memory_used;
/* Below so much nothing has to be asked: the reserve is whole, and no failure wanted. */
extern size_t memory_fast_limit;

/* Whether so many bytes more may be taken: the limit, and failures that a test wants. */
bool memory_ask(size_t size);
/* The result of an allocation that failed. */
void *memory_nothing(void);
/* The allocator below has nothing left: the reserve is the last that can be given. False: there is
 * none of it, and the allocation fails. */
bool memory_give_reserve(void);

static ALWAYS_INLINE bool may_grow(size_t size) {
    return memory_used + *engine_memory_others + size <= memory_fast_limit || memory_ask(size);
}

#endif
