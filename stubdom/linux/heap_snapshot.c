#include "heap_snapshot.h"
#include "stubdom/embedded.h"
#include "stubdom/engine/memory.h"
#include <stdio.h>
#include <string.h>

/* Bytes of the section. Unused ones only make the file larger. */
#define ROOM (1 << 20)
#define PAGE 4096
/* That of glibc's malloc(). */
#define ALIGNMENT 16
/* Freed blocks are reused by size, up to KINDS * ALIGNMENT bytes. */
#define KINDS 64
#define AREAS_MOST 64

/* Its pointers are valid in each run, because the executable is linked at a fixed address. */
static struct {
    struct heap_snapshot program;
    _Alignas(ALIGNMENT) char heap[ROOM - sizeof(struct heap_snapshot)];
} section __attribute__((section(".heap_snapshot"), aligned(PAGE)));

struct heap_snapshot *heap_snapshot_program(void) {
    return section.program.runtime ? &section.program : NULL;
}

/* --- when the executable is built --- */

struct block {
    size_t size; /* of `bytes` */
    union {
        struct block *next; /* of the free ones of this size */
        char bytes[1];
    };
};
_Static_assert(offsetof(struct block, bytes) == EARLY_LEAD, "as engine/allocator.c reads it");

/* Blocks that a start writes are taken from the beginning of the heap, the others from its end. */
static size_t low, high;
static struct block *free_blocks[2][KINDS];
static const bool *written;
static size_t written_count, number;

static struct block *block_of(void *bytes) {
    return (struct block *)((char *)bytes - EARLY_LEAD);
}

static void *take(JSMallocState *state, size_t size) {
    size_t whole = (size + EARLY_LEAD + ALIGNMENT - 1) & -(size_t)ALIGNMENT;
    size_t kind = whole / ALIGNMENT, n = number++;
    bool is_written = n < written_count && written[n];
    struct block *block = kind < KINDS ? free_blocks[is_written][kind] : NULL;
    (void)state;
    if (block) {
        free_blocks[is_written][kind] = block->next;
    } else {
        if (whole > high - low)
            return NULL;
        if (is_written)
            low += whole;
        else
            high -= whole;
        block = (struct block *)(section.heap + (is_written ? low - whole : high));
        block->size = whole - EARLY_LEAD;
    }
    section.program.used += whole;
    return block->bytes;
}

static void give(JSMallocState *state, void *bytes) {
    (void)state;
    if (!bytes)
        return;
    struct block *block = block_of(bytes);
    size_t whole = block->size + EARLY_LEAD, kind = whole / ALIGNMENT;
    section.program.used -= whole;
    /* Clear it, so that the build is reproducible. */
    memset(block->bytes, 0, block->size);
    if (kind < KINDS) {
        struct block **list = &free_blocks[(char *)block < section.heap + low][kind];
        block->next = *list;
        *list = block;
    }
}

static void *change(JSMallocState *state, void *bytes, size_t size) {
    size_t old = bytes ? block_of(bytes)->size : 0;
    void *moved = NULL;
    if (size && size <= old)
        return bytes;
    if (size && !(moved = take(state, size)))
        return NULL;
    if (size && bytes)
        memcpy(moved, bytes, old);
    give(state, bytes);
    return moved;
}

static size_t usable(const void *bytes) {
    return block_of((void *)bytes)->size;
}

const char *heap_snapshot_make(const bool *which, size_t count) {
    static const JSMallocFunctions functions = {take, give, change, usable};
    written = which;
    written_count = count;
    number = 0;
    low = ALIGNMENT - EARLY_LEAD;
    high = sizeof(section.heap) - EARLY_LEAD;
    memset(&section, 0, sizeof(section));
    memset(free_blocks, 0, sizeof(free_blocks));
    section.program.memory = section.heap;
    section.program.size = sizeof(section.heap);
    return engine_snapshot(&section.program, embedded_program,
                           (size_t)(embedded_program_end - embedded_program), &functions);
}

/* Checks that the section has no pointer into libraries or the stack, whose addresses change in
 * each run. They are above 4 GiB, unlike most other words. False: it has one, or the addresses are
 * unknown. */
static bool holds(void) {
    struct {
        unsigned long from, to;
    } areas[AREAS_MOST];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && count < AREAS_MOST &&
           fscanf(maps, "%lx-%lx%*[^\n]", &areas[count].from, &areas[count].to) == 2)
        count += areas[count].from >> 32 != 0;
    if (maps)
        fclose(maps);
    for (const uintptr_t *word = (uintptr_t *)&section; word < (uintptr_t *)(&section + 1); word++)
        for (int i = 0; i < count; i++)
            if (*word >= areas[i].from && *word < areas[i].to)
                return false;
    return count > 0 && count < AREAS_MOST;
}

const char *heap_snapshot_write(void) {
    if (!holds())
        return "the heap snapshot has an address that will not hold";
    bool good = fwrite(&section, sizeof(section), 1, stdout) == 1 && fflush(stdout) == 0;
    return good ? "" : "the heap snapshot cannot be written";
}
