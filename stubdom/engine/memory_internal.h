/* Shared by memory.c, which has the limit, and allocator.c, which has the blocks. */
#ifndef STUBDOM_ENGINE_MEMORY_INTERNAL_H
#define STUBDOM_ENGINE_MEMORY_INTERNAL_H

#include "memory.h"
#include "engine/compiler.h"

extern size_t memory_used; /* bytes, with the allocator's overhead */
/* Below this, memory_allows() is not needed. 0 while the reserve is not whole or a test wants a
 * failure. */
extern size_t memory_fast_limit;

/* Whether `size` more bytes may be taken. False: the limit, or a failure that a test wants. */
bool memory_allows(size_t size);
/* Counts a failed allocation. Returns NULL, for the caller to return. */
void *memory_count_failure(void);
/* malloc() has failed: frees a part of the reserve that the request may use. False: there is none,
 * and the allocation fails. */
bool memory_give_reserve(void);

static ALWAYS_INLINE bool may_grow(size_t size) {
    return memory_used + *engine_memory_others + size <= memory_fast_limit || memory_allows(size);
}

#endif
