/* A start and requests that only find out what memory they use, while something is built. */
#ifndef STUBDOM_LINUX_HEAP_PROFILE_H
#define STUBDOM_LINUX_HEAP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * Whether each block, in the order in which loading the program takes them, is written to until the
 * first request is answered. NULL: it cannot be found out.
 */
const bool *heap_profile(size_t *count);
/**
 * Writes which blocks a READ and a WRITE touch, and where they are to lie, as engine/allocator.c
 * includes it for the images. "", or why it cannot.
 */
const char *heap_profile_requests(FILE *to);

#endif
