/*
 * The heap grows upwards from boot.heap_start; single pages are taken downwards from boot.heap_end.
 * If the domain may grow by ballooning, the heap continues behind that memory.
 */
#ifndef MINI_OS_MEMORY_H
#define MINI_OS_MEMORY_H

#include <stddef.h>

/** Takes a zeroed page, for page tables and sharing. It cannot be freed. NULL: none is left. */
void *page_take(void);
/** The same, `count` contiguous pages. */
void *pages_take(unsigned count);
/**
 * Finds how much the domain may grow. Call it once, after events_init(). `grows` is called when the
 * memory of the start is full and the heap continues behind it; `most`: bytes that may be added.
 */
void memory_init(void (*grows)(size_t most));
/** Bytes that the heap may still take, with memory that Xen may still give. */
size_t memory_left(void);
/** Bytes of the heap, used or free, in the memory of the start. */
size_t memory_total(void);

#endif
