/* The region that holds a struct handover, at the end of free memory. */
#ifndef MINI_OS_REGION_H
#define MINI_OS_REGION_H

#include <mini-os/handover.h>
#include <stddef.h>
#include <stdint.h>

/** Pages behind a region, for arch_image_start(). */
#define REGION_SCRATCH 4

/** The header at the address of the start's module (0: none). NULL: that is something else. */
struct handover *region_at(uintptr_t module, size_t size);
/**
 * Makes a region for a program's part of `size` bytes, with all that the kernel hands over, and
 * `more` bytes behind it. NULL: no memory, or the heap has left the memory of the start. Nothing
 * may be allocated from now on until the image is started, or region_drop() gives the region back.
 */
struct handover *region_new(size_t size, size_t more);
void region_drop(struct handover *region);
/** REGION_SCRATCH zeroed pages behind the region. */
char *region_scratch(struct handover *region);
/** The first of the `more` bytes; they begin a page. */
char *region_more(struct handover *region);
/** Bytes of free memory that `handover` takes; 0: none. */
size_t region_size(void);
/** The program has read its part of `handover`: the memory can be used. */
void region_done(void);

#endif
