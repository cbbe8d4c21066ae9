/* The heap grows up from boot.heap_start, single pages are taken down from boot.heap_end. */
#ifndef MINI_OS_MEMORY_H
#define MINI_OS_MEMORY_H

#include <stddef.h>

/** One zeroed page that is never given back (page tables, shared pages); NULL: none left. */
void *page_take(void);
/** Bytes between the heap's break and its end. */
size_t memory_left(void);
/** Bytes of the whole heap, used or not. */
size_t memory_total(void);

#endif
