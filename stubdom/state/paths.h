/*
 * Which row of the store has a path: a hash table that grows a bucket at a time, so that no
 * insertion is dear, in pages, so that it needs no large hole in the heap. The paths themselves
 * stay with the rows; 12 bytes a row are kept here.
 */
#ifndef STUBDOM_PATHS_H
#define STUBDOM_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct paths;

/** Whether a row has this path. */
typedef bool paths_is(void *rows, uint32_t row, const char *path, size_t length);

/**
 * `secret` keeps guests from choosing paths that all come into one bucket. NULL: no memory.
 * Memory counts with the engine's (engine_memory_resize).
 */
struct paths *paths_new(uint64_t secret, paths_is *is, void *rows);
void paths_free(struct paths *);

/** The row that a path leads to; -1: none. */
long paths_find(const struct paths *, const char *path, size_t length);
/** From now on the path leads to this row, which leads nowhere else. False: no memory, and nothing
 * is changed. */
bool paths_put(struct paths *, const char *path, size_t length, uint32_t row);
/** Returns whether a path led to this row; it does no more. */
bool paths_drop(struct paths *, uint32_t row);
/** Paths that lead somewhere. */
size_t paths_count(const struct paths *);
/** Bytes that it takes. */
size_t paths_memory(const struct paths *);

#endif
