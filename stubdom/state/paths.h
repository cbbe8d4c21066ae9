/*
 * The path index, from a path to its row: a hash table (linear hashing). It grows by one bucket at
 * a time, so no insertion takes long, and in pages, so it needs no large free block. The paths
 * themselves stay with the rows; the index takes 12 bytes for each.
 */
#ifndef STUBDOM_PATHS_H
#define STUBDOM_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct paths;

/** Compares the path of a row. */
typedef bool paths_is(void *rows, uint32_t row, const char *path, size_t length);

/**
 * `secret` keys the hash, so that guests cannot choose paths that collide. `rows` is passed to
 * `is`. The memory counts with the engine's (engine_memory_resize()).
 */
struct paths *paths_new(uint64_t secret, paths_is *is, void *rows);
void paths_free(struct paths *);

/** The row of a path; -1: none. */
long paths_find(const struct paths *, const char *path, size_t length);
/** Adds a row, which must not be in the index, and replaces another with the same path. False: no
 * memory. */
bool paths_put(struct paths *, const char *path, size_t length, uint32_t row);
/** Removes a row. Returns whether the index had it. */
bool paths_drop(struct paths *, uint32_t row);
/** The number of rows. */
size_t paths_count(const struct paths *);
/** Bytes of all its memory. */
size_t paths_memory(const struct paths *);

#endif
