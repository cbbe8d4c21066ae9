#include "memory_internal.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define STEP 16    /* malloc() rounds sizes to multiples of it */
#define OVERHEAD 8 /* bytes that malloc() keeps beside each block */

static const char *early HOT_DATA; /* engine_memory_early() */
static size_t early_size HOT_DATA;

void engine_memory_early(const void *memory, size_t size, size_t bytes) {
    early = memory;
    early_size = size;
    memory_used += bytes;
}

static bool is_early(const void *block) {
    return (size_t)((const char *)block - early) < early_size;
}

/* newlib's function does not use its reentrancy argument, and NULL saves finding it. */
#ifdef __XEN_STUB__
#define malloc_usable_size(block) _malloc_usable_size_r(NULL, block)
#endif

static size_t usable(const void *block) {
    if (is_early(block))
        return *(const size_t *)((const char *)block - EARLY_LEAD);
    return malloc_usable_size((void *)block);
}

/* For blocks beside the engine's. Its counts are not used: memory_used has the limit's sum. */
static JSMallocState beside;
struct engine_memory_count engine_memory_count HOT_DATA;

#ifdef __XEN_STUB__
/* The hot arena: the blocks that a READ or WRITE touches lie side by side, because each page that
 * is touched first after a switch to this domain costs a TLB miss. linux/heap_profile.c makes the
 * list of these blocks, hot_arena.h. */
struct hot_block {
    uint16_t section; /* of engine_memory_count */
    uint16_t offset;  /* in the arena, of the block's first byte */
    uint32_t number;  /* of the allocation within the section */
    size_t size;      /* bytes */
};
#include "hot_arena.h"
/* Behind them is room for small blocks that C allocates at the start, such as the journal's; each
 * request reads most of them. */
#define HOT_BESIDE 640
#define HOT_BESIDE_MOST 256
static _Alignas(16) char hot_arena[HOT_ARENA + HOT_BESIDE] HOT_DATA_LARGE;
static size_t hot_beside_used;
static unsigned next_hot; /* of hot_blocks */
static bool hot_ended HOT_DATA;

static void *take_early(size_t offset, size_t size) {
    char *block = hot_arena + offset;
    if (!early)
        engine_memory_early(hot_arena, sizeof(hot_arena), 0);
    *(size_t *)(block - EARLY_LEAD) = size;
    memory_used += size + OVERHEAD;
    return block;
}

static COLD void *take_hot(size_t size) {
    const struct engine_memory_count now = engine_memory_count;
    const struct hot_block *hot = &hot_blocks[next_hot];
    if (hot_ended || hot->section > now.section ||
        (hot->section == now.section && hot->number > now.number))
        return NULL;
    hot_ended = hot_blocks[++next_hot].section == RUNNING;
    if (hot->section < now.section)
        return take_hot(size);
    if (hot->number < now.number || size > hot->size)
        return NULL;
    return take_early(hot->offset, hot->size);
}

static COLD void *take_hot_beside(size_t size) {
    size_t whole = (size + EARLY_LEAD + STEP - 1) / STEP * STEP;
    if (engine_memory_count.section == RUNNING || size > HOT_BESIDE_MOST ||
        whole > HOT_BESIDE - hot_beside_used)
        return NULL;
    hot_beside_used += whole;
    return take_early(HOT_ARENA + hot_beside_used - whole + EARLY_LEAD, whole - EARLY_LEAD);
}

/* A written value usually replaces one of about the same size. So a few small freed blocks of each
 * size are kept in a list and taken again, the last one first: malloc() and free() need ten times
 * as many instructions. */
#define SPARE_SIZES 16
#define SPARE_MOST 4 /* blocks of a size */
static struct {
    void *first; /* a free block begins with a pointer to the next */
    size_t count;
} spare[SPARE_SIZES] HOT_DATA;

static ALWAYS_INLINE void *take_spare(size_t size) {
    size_t n = (size + STEP - OVERHEAD - 1) / STEP;
    if (n >= SPARE_SIZES || !spare[n].first)
        return NULL;
    void *block = spare[n].first;
    spare[n].first = *(void **)block;
    spare[n].count--;
    memory_used += n * STEP + 2 * OVERHEAD;
    return block;
}

/* Keeps the block, or returns it for free(). */
static ALWAYS_INLINE void *give_spare(void *block, size_t size) {
    size_t n = (size - OVERHEAD) / STEP;
    if (n >= SPARE_SIZES || spare[n].count == SPARE_MOST || n * STEP + OVERHEAD != size)
        return block;
    *(void **)block = spare[n].first;
    spare[n].first = block;
    spare[n].count++;
    return NULL;
}
#else
static const bool hot_ended = true;
static void *take_hot(size_t size) {
    (void)size;
    return NULL;
}

static void *take_hot_beside(size_t size) {
    (void)size;
    return NULL;
}

/* No spare blocks on Linux: sanitizers must see each free(). */
static void *take_spare(size_t size) {
    (void)size;
    return NULL;
}

static void *give_spare(void *block, size_t size) {
    (void)size;
    return block;
}
#endif

static COLD void *take_anywhere(size_t size) {
    void *block;
    do
        block = malloc(size);
    while (!block && memory_give_reserve());
    if (block)
        memory_used += malloc_usable_size(block) + OVERHEAD;
    return block;
}

static void *take(JSMallocState *state, size_t size) {
    void *block = NULL;
    if (!may_grow(size))
        return memory_count_failure();
    if (state != &beside) {
        if (!hot_ended)
            block = take_hot(size);
        engine_memory_count.number++;
    } else {
        block = take_hot_beside(size);
    }
    if (!block && !(block = take_spare(size)) && !(block = take_anywhere(size)))
        return memory_count_failure();
    state->malloc_count++;
    state->malloc_size = memory_used;
    return block;
}

static void give(JSMallocState *state, void *block) {
    if (!block)
        return;
    size_t size = usable(block);
    memory_used -= size + OVERHEAD;
    state->malloc_count--;
    state->malloc_size = memory_used;
    if (!is_early(block) && (block = give_spare(block, size)))
        free(block);
}

/* A block of the early area that grows is copied out of it; its old place stays unused. */
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
        return memory_count_failure();
    void *moved;
    do
        moved = resized(block, old, size);
    while (!moved && memory_give_reserve());
    if (!moved)
        return memory_count_failure();
    memory_used += usable(moved) - old;
    state->malloc_size = memory_used;
    return moved;
}

void *engine_memory_resize(void *block, size_t size) {
    return change(&beside, block, size ? size : 1);
}

void engine_memory_give(void *block) {
    give(&beside, block);
}

const JSMallocFunctions engine_malloc_functions = {take, give, change, usable};
