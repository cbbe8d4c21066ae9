/*
 * The heap grows up from boot.heap_start, single pages are taken down from boot.heap_end. Where the
 * domain may have more memory than it was started with, the heap goes on behind, page by page.
 */
#ifndef MINI_OS_MEMORY_H
#define MINI_OS_MEMORY_H

#include <stddef.h>

/** One zeroed page that is never given back (page tables, shared pages); NULL: none left. */
void *page_take(void);
/** The same, some that lie one behind the other. */
void *pages_take(unsigned count);
/**
 * Finds out how much more there may be. Call once, when Xen's events are set up. `grows` is called
 * when what the domain was started with is full, with the bytes that may come.
 */
void memory_init(void (*grows)(size_t most));
/** Bytes that the heap may still get, those included that the domain does not have yet. */
size_t memory_left(void);
/** Bytes of the whole heap, used or not, as the domain was started. */
size_t memory_total(void);

#endif
