/*
 * The heap grows upwards from boot.heap_start; single pages are taken downwards from boot.heap_end.
 * If the domain may grow by ballooning, the heap continues behind that memory.
 */
#ifndef MINI_OS_MEMORY_H
#define MINI_OS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handover_memory;

/** Takes a zeroed page, for page tables and sharing. It cannot be freed. NULL: none is left. */
void *page_take(void);
/** The same, `count` contiguous pages. */
void *pages_take(unsigned count);
/** Gives back the pages that were taken last. */
void pages_give(unsigned count);
/**
 * Finds how much the domain may grow. Call it once, after events_init(). `grows` is called when the
 * memory of the start is full and the heap continues behind it; `most`: bytes that may be added.
 */
void memory_init(void (*grows)(size_t most));
/** What another image goes on with; and goes on, in place of memory_init(). */
void memory_leave(struct handover_memory *to);
void memory_continue(const struct handover_memory *from, void (*grows)(size_t most));
/** Bytes that the heap may still take, with memory that Xen may still give. */
size_t memory_left(void);
/** Whether the heap has left the memory of the start. */
bool memory_has_grown(void);
/** Where the used part of the heap ends. */
uintptr_t memory_used_end(void);
/** Bytes of the heap, used or free, in the memory of the start. */
size_t memory_total(void);

#endif
