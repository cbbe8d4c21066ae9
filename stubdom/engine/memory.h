/*
 * The engine's heap: a limit, and a reserve behind it (docs/internals/memory.md). An allocation
 * beyond the limit fails. From then on, until the next request, the reserve is open: error object,
 * rollback and reply need memory. Requests that free memory or only read may use the reserve from
 * the start, so a full store can be read and emptied.
 *
 * Requests of guests have a lower limit. What lies between the two is for privileged clients; two
 * thirds of it also for guests that hold little. Somewhat below the lower limit memory is scarce,
 * and the program takes some back from the largest users.
 */
#ifndef STUBDOM_ENGINE_MEMORY_H
#define STUBDOM_ENGINE_MEMORY_H

#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Sets the limit in bytes (0: none) and fills the reserve. */
void engine_memory_init(size_t limit);
/**
 * Registers an area with blocks that did not come from malloc(): the heap snapshot, or the hot
 * arena. `bytes` of it are in use. A block in it counts as used until it is freed, and is not used
 * again.
 */
void engine_memory_early(const void *memory, size_t size, size_t bytes);
/** Bytes in front of each block of that area. They hold its size, a size_t. */
#define EARLY_LEAD sizeof(size_t)
/**
 * Numbers the engine's allocations, from 0 in each section: loading the first program, its start(),
 * and the time after. The same program allocates the same blocks in the same order, so section and
 * number identify a block of the first two sections (linux/heap_profile.h).
 */
extern struct engine_memory_count {
    uint16_t section;
    uint32_t number;
} engine_memory_count;
enum { LOADING, STARTING, RUNNING };
/** Frees the reserve, after the runtime. */
void engine_memory_end(void);
extern const JSMallocFunctions engine_malloc_functions;

/**
 * realloc() for C's memory that counts against the engine's limit (the journal, the path index).
 * NULL: no memory, and `block` is unchanged.
 */
void *engine_memory_resize(void *block, size_t size);
/** Frees such a block. */
void engine_memory_give(void *block);

/** A turn begins, or a request has its answer: until the next request the reserve is open. */
void engine_memory_turn(void);
/** Within a turn: from now on an allocation of the program's own must leave so many quarters of the
 * reserve. 0 takes the last such call back; then it need not. */
void engine_memory_keep_reserve(unsigned quarters);
/** A request begins: its message type, its transaction (0: none), and its link. */
void engine_memory_request(unsigned type, uint32_t transaction, int link);
/** Whose request it is: a privileged client's, a guest's that holds little, another guest's. */
enum memory_holder { MEMORY_PRIVILEGED, MEMORY_MODEST, MEMORY_GUEST };
/** Tells whose link it is; called only when memory is nearly used up. NULL: all are privileged. */
extern enum memory_holder (*engine_memory_holder)(int link);
/** Bytes of the links' buffers, which count against the limits too. */
extern const size_t *engine_memory_others;
/** Whether so much is in use that requests of guests will soon be refused. */
bool engine_memory_scarce(void);
/** Whether more is in use than requests of any guest may use. */
bool engine_memory_critical(void);
/** Reports that an allocation outside the engine failed for the present request. */
void engine_memory_lacks(void);
/** Whether requests of this message type create something, and so must leave the reserve alone. */
bool engine_memory_grows(unsigned type);
/** The number of failed allocations since the process began. */
unsigned long engine_memory_failures(void);
/** Whether an allocation failed since the request, or the turn, began. */
bool engine_memory_failed(void);
/** Whether an allocation failed since the last call of this function. */
bool engine_memory_ended(void);
/** Bytes in use, without engine_memory_others. */
size_t engine_memory_used(void);
/** Bytes; 0: unlimited. */
size_t engine_memory_limit(void);
/** For tests: the n-th allocation of requests from now on fails; 0: none. */
void engine_memory_fail_at(unsigned long n);
/** The same, and then the `then`-th after it. */
void engine_memory_fail_pair(unsigned long n, unsigned long then);
/** For tests: one allocation in `one_in` fails at random. `seed` 0: none. */
void engine_memory_fail_random(uint64_t seed, unsigned one_in);

#endif
