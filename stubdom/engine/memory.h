/*
 * The engine's heap: a limit, and a reserve behind it. An allocation beyond the
 * limit fails; from then on, until the next request, the reserve is open, so
 * that the error can be made, the change undone and the reply built. Requests
 * that give memory back, or only read, may use the reserve from the start: a
 * full store can be read and emptied.
 *
 * Requests of guests have a lower limit: what lies between the two is for
 * privileged clients alone, half of it for guests who hold little as well. Somewhat below the lower
 * one memory is scarce, and the program takes some back from those who hold most of it.
 */
#ifndef STUBDOM_ENGINE_MEMORY_H
#define STUBDOM_ENGINE_MEMORY_H

#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * block of the first two is known by its number (linux/heap_profile.h).
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
/** A request begins: its wire type, its transaction (0: none), and whose it is. */
void engine_memory_request(unsigned type, uint32_t transaction, int link);
enum memory_holder { MEMORY_PRIVILEGED, MEMORY_MODEST, MEMORY_GUEST };
/**
 * Says whose link it is: a privileged client's, a guest's for whom little is kept, or another
 * guest's. Asked only where memory is scarce. NULL: all are privileged.
 */
extern enum memory_holder (*engine_memory_holder)(int link);
/** Bytes that others take of the same memory; they count wherever the limits are looked at. */
extern const size_t *engine_memory_others;
/** Whether so much is in use that guests are about to be refused. */
bool engine_memory_scarce(void);
/** Whether it is in use beyond what any unprivileged client may make the program use. */
bool engine_memory_critical(void);
/** An allocation failed for the request that was none of the engine's. */
void engine_memory_lacks(void);
/** Whether it makes something that stays. */
bool engine_memory_grows(unsigned type);
/** Allocations that found nothing, of all times. */
unsigned long engine_memory_failures(void);
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
