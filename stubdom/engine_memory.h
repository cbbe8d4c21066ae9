/*
 * The engine's heap: a limit, and a reserve behind it. An allocation beyond the
 * limit fails; from then on, until the next request, the reserve is open, so
 * that the error can be made, the change undone and the reply built. Requests
 * that give memory back, or only read, may use the reserve from the start: a
 * full store can be read and emptied.
 */
#ifndef STUBDOM_ENGINE_MEMORY_H
#define STUBDOM_ENGINE_MEMORY_H

#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Variables that each request touches lie side by side in the images (xen/hot_data.lds). */
#ifdef __XEN_STUB__
#define SIDE_BY_SIDE __attribute__((section(".bss.0hot")))
#else
#define SIDE_BY_SIDE
#endif

/** limit 0: none. */
void engine_memory_init(size_t limit);
/** Memory of which `bytes` are in use already: blocks in it count and can be given back, but are
 * not taken again. */
void engine_memory_early(const void *memory, size_t size, size_t bytes);
/** In front of each block of it is how large it is, in this many bytes. */
#define EARLY_LEAD sizeof(size_t)
/**
 * What is allocated for the engine is counted, anew in each section: loading the first program, its
 * start(), and all that comes behind. The same program allocates the same in the same order, so a
 * block of the first two is known by its number (posix/rehearse.h).
 */
extern struct engine_memory_count {
    uint16_t section;
    uint32_t number;
} engine_memory_count;
enum { LOADING, STARTING, RUNNING };
/** The runtime is freed: so is the reserve. */
void engine_memory_end(void);
extern const JSMallocFunctions engine_malloc_functions;

/**
 * Memory beside the engine's heap that counts with it: as realloc(); NULL: there is none. What is
 * made smaller stays.
 */
void *engine_memory_resize(void *block, size_t size);
void engine_memory_give(void *block);

/** A turn begins, or a request is answered: what is to be kept in mind now may use the reserve. */
void engine_memory_turn(void);
/** A request of this wire type begins. */
void engine_memory_request(unsigned type);
/** Whether it makes something that stays. */
bool engine_memory_grows(unsigned type);
/** Whether an allocation failed since the request began. */
bool engine_memory_failed(void);
/** Whether an allocation failed since this was asked the last time. */
bool engine_memory_ended(void);
size_t engine_memory_used(void);
size_t engine_memory_limit(void);
/** Test of the error paths: the n-th allocation for a request from now on fails; 0: none. */
void engine_memory_fail_at(unsigned long n);
/** The same, and then the `then`-th behind it. */
void engine_memory_fail_pair(unsigned long n, unsigned long then);
/** One in so many fails, by a generator with this seed, which is not 0; seed 0: none. */
void engine_memory_fail_random(uint64_t seed, unsigned one_in);

#endif
