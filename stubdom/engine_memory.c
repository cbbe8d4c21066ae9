#include "engine_memory.h"
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

/* In pieces, so that it is found again in a heap that has no large hole. */
#define PIECES 24
#define PIECE (8 * 1024)
#define RESERVE (PIECES * PIECE)
#define OVERHEAD 8 /* what the allocator keeps beside each block */
#define NO_LIMIT SIZE_MAX

/*
 * Requests that make something new. The rest may use the reserve; so may a START,
 * for the tools remove in transactions, and a full store is emptied that way.
 */
static const uint32_t growing_types =
    1U << XS_WRITE | 1U << XS_MKDIR | 1U << XS_SET_PERMS | 1U << XS_WATCH | 1U << XS_INTRODUCE;

static size_t used, limit;
static bool failed, lenient, serving, ended;
static void *ballast[PIECES]; /* the reserve as memory that is really there */
static int pieces;
static unsigned long fail_at;

static const char *early; /* engine_memory_early() */
static size_t early_size;

void engine_memory_early(const void *memory, size_t size, size_t bytes) {
    early = memory;
    early_size = size;
    used += bytes;
}

static bool is_early(const void *block) {
    return (size_t)((const char *)block - early) < early_size;
}

static size_t usable(const void *block) {
    if (is_early(block))
        return *(const size_t *)((const char *)block - EARLY_LEAD);
    return malloc_usable_size((void *)block);
}

static void fill_ballast(void) {
    while (pieces < PIECES && (ballast[pieces] = malloc(PIECE)))
        pieces++;
}

/* False: there was none. */
static bool drop_ballast(void) {
    bool any = pieces > 0;
    while (pieces > 0)
        free(ballast[--pieces]);
    return any;
}

void engine_memory_init(size_t bytes) {
    used = 0;
    failed = lenient = false;
    limit = bytes ? bytes : NO_LIMIT;
    if (bytes) {
        limit = bytes > 2 * RESERVE ? bytes - RESERVE : bytes / 2;
        fill_ballast();
    }
}

void engine_memory_end(void) {
    drop_ballast();
}

void engine_memory_turn(void) {
    failed = serving = false;
    lenient = true;
}

bool engine_memory_grows(unsigned type) {
    return type < 32 && growing_types >> type & 1;
}

void engine_memory_request(unsigned type) {
    serving = true;
    failed = false;
    lenient = !engine_memory_grows(type);
    if (limit != NO_LIMIT && pieces < PIECES)
        fill_ballast();
}

bool engine_memory_failed(void) {
    return failed;
}

bool engine_memory_ended(void) {
    bool was = ended;
    ended = false;
    return was;
}

size_t engine_memory_used(void) {
    return used;
}

size_t engine_memory_limit(void) {
    return limit == NO_LIMIT ? 0 : limit;
}

void engine_memory_fail_at(unsigned long n) {
    fail_at = n;
}

static bool refuse(void) {
    failed = ended = true;
    return false;
}

static bool may_grow(size_t size) {
    if (fail_at && serving && --fail_at == 0)
        return refuse();
    if (limit == NO_LIMIT)
        return true;
    bool reserve_open = failed || lenient;
    /* While the reserve is not whole nothing new is made, or it would be eaten crumb by crumb. */
    if (!reserve_open)
        return (pieces == PIECES && used + size <= limit) || refuse();
    if (used + size <= limit)
        return true;
    drop_ballast();
    return used + size <= limit + RESERVE || refuse();
}

/* The allocator below has nothing left: the reserve is the last that can be given. */
static bool give_ballast(void) {
    bool first = !failed && !lenient;
    failed = ended = true;
    return !first && drop_ballast();
}

/* Its counts are nobody's: `used` is what is compared with the limit. */
static JSMallocState beside;
struct engine_memory_count engine_memory_count;

#ifdef __XEN_STUB__
/* What a READ or WRITE touches lies side by side, not all over the heap: a page that a domain has
 * not touched since it was switched to costs. Where each of these blocks is to lie: made by
 * posix/rehearse.c. */
struct near {
    uint16_t section;
    uint16_t offset;
    uint32_t number;
    size_t size;
};
#include "near.h"
static _Alignas(16) char near_memory[NEAR_MEMORY] SIDE_BY_SIDE;
static const struct near *next_near = near_blocks;

static void *take_near(size_t size) {
    const struct engine_memory_count now = engine_memory_count;
    const struct near *near = next_near;
    if (!near || near->section > now.section ||
        (near->section == now.section && near->number > now.number))
        return NULL;
    next_near = near[1].section == RUNNING ? NULL : near + 1;
    if (near->section < now.section)
        return take_near(size);
    if (near->number < now.number || size > near->size)
        return NULL;
    if (!early)
        engine_memory_early(near_memory, sizeof(near_memory), 0);
    char *block = near_memory + near->offset;
    *(size_t *)(block - EARLY_LEAD) = near->size;
    used += near->size + OVERHEAD;
    return block;
}
#else
static void *take_near(size_t size) {
    (void)size;
    return NULL;
}
#endif

static void *take_anywhere(size_t size) {
    void *block;
    do
        block = malloc(size);
    while (!block && give_ballast());
    if (block)
        used += malloc_usable_size(block) + OVERHEAD;
    return block;
}

static void *take(JSMallocState *state, size_t size) {
    void *block = NULL;
    if (!may_grow(size))
        return NULL;
    if (state != &beside) {
        block = take_near(size);
        engine_memory_count.number++;
    }
    if (!block)
        block = take_anywhere(size);
    if (block) {
        state->malloc_count++;
        state->malloc_size = used;
    }
    return block;
}

static void give(JSMallocState *state, void *block) {
    if (!block)
        return;
    used -= usable(block) + OVERHEAD;
    state->malloc_count--;
    state->malloc_size = used;
    if (!is_early(block))
        free(block);
}

/* Nothing of what was there before moves: it is left where it is. */
static void *resized(void *block, size_t old, size_t size) {
    if (!is_early(block))
        return realloc(block, size);
    if (size <= old)
        return block;
    void *moved = malloc(size);
    if (moved)
        memcpy(moved, block, old);
    return moved;
}

static void *change(JSMallocState *state, void *block, size_t size) {
    if (!block)
        return size ? take(state, size) : NULL;
    if (!size) {
        give(state, block);
        return NULL;
    }
    size_t old = usable(block);
    if (size > old && !may_grow(size - old))
        return NULL;
    void *moved;
    do
        moved = resized(block, old, size);
    while (!moved && give_ballast());
    if (!moved)
        return NULL;
    used += usable(moved) - old;
    state->malloc_size = used;
    return moved;
}

void *engine_memory_resize(void *block, size_t size) {
    return change(&beside, block, size ? size : 1);
}

void engine_memory_give(void *block) {
    give(&beside, block);
}

const JSMallocFunctions engine_malloc_functions = {take, give, change, usable};
