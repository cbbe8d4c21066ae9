/* Run during the build: finds which heap blocks a start and requests touch. */
#ifndef STUBDOM_LINUX_HEAP_PROFILE_H
#define STUBDOM_LINUX_HEAP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * For the blocks that loading the program allocates, in this order: whether each is written between
 * the end of loading and the first answered request. *count is the size of the array. NULL: a
 * failure.
 */
const bool *heap_profile(size_t *count);
/**
 * Writes hot_arena.h, which engine/allocator.c includes for the images: the blocks that a READ and
 * a WRITE touch, and their places. Returns "", or the error.
 */
const char *heap_profile_requests(FILE *to);

#endif
