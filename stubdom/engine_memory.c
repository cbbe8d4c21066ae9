#include "engine_memory.h"
#include "engine/compiler.h"
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

/* In pieces, so that it is found again in a heap that has no large hole: half of it in such as are
 * found wherever something small was freed. */
#define LARGE_PIECE (8 * 1024)
#define SMALL_PIECE 512
#define LARGE_PIECES 12
#define SMALL_PIECES 192
#define RESERVE (LARGE_PIECES * LARGE_PIECE + SMALL_PIECES * SMALL_PIECE)
/* What is left of it by requests that make something new, in quarters: by whose they are. */
static const int quarters_left[] = {
    [MEMORY_PRIVILEGED] = 2, [MEMORY_MODEST] = 3, [MEMORY_GUEST] = 4};
#define STEP 16    /* sizes of blocks */
#define OVERHEAD 8 /* what the allocator keeps beside each block */
#define NO_LIMIT SIZE_MAX

/*
 * Requests that make something new. The rest may use the reserve; so may a START,
 * for the tools remove in transactions, and a full store is emptied that way.
 */
static const uint32_t growing_types =
    1U << XS_WRITE | 1U << XS_MKDIR | 1U << XS_SET_PERMS | 1U << XS_WATCH | 1U << XS_INTRODUCE;
/* What a guest may use the reserve for: outside of transactions alone, whose reads are kept. */
static const uint32_t guest_types = 1U << XS_DIRECTORY | 1U << XS_READ | 1U << XS_GET_PERMS |
                                    1U << XS_UNWATCH | 1U << XS_RM | 1U << XS_GET_DOMAIN_PATH |
                                    1U << XS_RESET_WATCHES | 1U << XS_DIRECTORY_PART;

/* Of the limit, the part that guests are refused, what of it even those are refused who hold
 * little, and how much earlier than guests are refused memory is scarce. A toolstack's own nodes
 * take of the first, and must leave some of it to a guest that is new: 2,000 of them in the
 * smallest store, of 8 MB. */
#define PRIVILEGED_PART(limit) ((limit) / 4)
#define ALONE_PART(limit) ((limit) / 12)
#define SCARCE_PART(limit) ((limit) / 12)

static size_t used HOT_DATA;
static size_t limit, modest_limit, guest_limit, scarce_from;
/* Below so much nothing has to be asked: the reserve is whole, and no failure wanted. */
static size_t calm HOT_DATA;
/* FAILED, until the next request: then, and where it is LENIENT, the reserve is open. */
enum { FAILED = 1, LENIENT = 2, SERVING = 4 };
static unsigned phase HOT_DATA;
static struct {
    unsigned type;
    uint32_t transaction;
    int link;
} request;
enum memory_holder (*engine_memory_holder)(int link);
static const size_t no_others = 0;
const size_t *engine_memory_others = &no_others;
static bool ended HOT_DATA;
static unsigned long failures;
/* The reserve as memory that is really there. */
static void *large_pieces[LARGE_PIECES], *small_pieces[SMALL_PIECES];
static struct ballast {
    void **pieces;
    size_t size;
    int most, count;
} ballast[] = {{small_pieces, SMALL_PIECE, SMALL_PIECES, 0},
               {large_pieces, LARGE_PIECE, LARGE_PIECES, 0}};
#define BALLASTS (sizeof(ballast) / sizeof(*ballast))
#define SMALL (&ballast[0])
static struct {
    unsigned long first, again; /* countdowns; 0: none */
    uint64_t random;            /* state; 0: none */
    unsigned one_in;
} wanted_failures;

static const char *early HOT_DATA; /* engine_memory_early() */
static size_t early_size HOT_DATA;

void engine_memory_early(const void *memory, size_t size, size_t bytes) {
    early = memory;
    early_size = size;
    used += bytes;
}

static bool is_early(const void *block) {
    return (size_t)((const char *)block - early) < early_size;
}

/* What lies below asks nothing of where newlib keeps a thread's own. */
#ifdef __XEN_STUB__
#define malloc_usable_size(block) _malloc_usable_size_r(NULL, block)
#endif

static size_t usable(const void *block) {
    if (is_early(block))
        return *(const size_t *)((const char *)block - EARLY_LEAD);
    return malloc_usable_size((void *)block);
}

static bool is_whole(void) {
    return limit == NO_LIMIT ||
           (ballast[0].count == ballast[0].most && ballast[1].count == ballast[1].most);
}

static void look_at_calm(void) {
    calm = wanted_failures.first || wanted_failures.random || !is_whole() ? 0 : guest_limit;
}

static COLD void fill_ballast(void) {
    for (struct ballast *b = ballast; limit != NO_LIMIT && b < ballast + BALLASTS; b++)
        while (b->count < b->most && (b->pieces[b->count] = malloc(b->size)))
            b->count++;
    look_at_calm();
}

/* Until so many quarters are left. False: there is no more. */
static COLD bool drop_ballast(int quarters) {
    bool any = false;
    for (struct ballast *b = ballast; b < ballast + BALLASTS; b++)
        for (; b->count > b->most * quarters / 4; any = true)
            free(b->pieces[--b->count]);
    look_at_calm();
    return any;
}

void engine_memory_init(size_t bytes) {
    used = 0;
    phase = 0;
    limit = modest_limit = guest_limit = scarce_from = NO_LIMIT;
    if (bytes) {
        limit = bytes > 2 * RESERVE ? bytes - RESERVE : bytes / 2;
        guest_limit = limit - PRIVILEGED_PART(limit);
        modest_limit = limit - ALONE_PART(limit);
        scarce_from = guest_limit - SCARCE_PART(limit);
    }
    fill_ballast();
}

void engine_memory_end(void) {
    drop_ballast(0);
}

ALWAYS_INLINE void engine_memory_turn(void) {
    phase = LENIENT;
}

ALWAYS_INLINE bool engine_memory_grows(unsigned type) {
    return type < 32 && growing_types >> type & 1;
}

ALWAYS_INLINE void engine_memory_request(unsigned type, uint32_t transaction, int link) {
    phase = engine_memory_grows(type) ? SERVING : SERVING | LENIENT;
    request.type = type;
    request.transaction = transaction;
    request.link = link;
    if (!calm)
        fill_ballast();
}

/* The allocator can have nothing left below the limit, where what is free lies in small pieces. */
static bool is_torn(void) {
    if (!is_whole())
        fill_ballast();
    return limit != NO_LIMIT && SMALL->count < SMALL->most;
}

bool engine_memory_scarce(void) {
    return used + *engine_memory_others > scarce_from || is_torn();
}

bool engine_memory_critical(void) {
    return used + *engine_memory_others > modest_limit || is_torn();
}

unsigned long engine_memory_failures(void) {
    return failures;
}

bool engine_memory_failed(void) {
    return phase & FAILED;
}

ALWAYS_INLINE bool engine_memory_ended(void) {
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
    engine_memory_fail_pair(n, 0);
}

void engine_memory_fail_pair(unsigned long n, unsigned long then) {
    wanted_failures.first = n;
    wanted_failures.again = then;
    wanted_failures.random = 0;
    look_at_calm();
}

void engine_memory_fail_random(uint64_t seed, unsigned one_in) {
    engine_memory_fail_pair(0, 0);
    wanted_failures.random = seed;
    wanted_failures.one_in = one_in;
    look_at_calm();
}

/* Whether the allocation is one that a test wants to fail. */
static bool failure_is_wanted(void) {
    uint64_t r = wanted_failures.random;
    if (r) {
        r ^= r << 13;
        r ^= r >> 7;
        wanted_failures.random = r ^= r << 17;
        return (r >> 20) % wanted_failures.one_in == 0;
    }
    if (!wanted_failures.first || --wanted_failures.first)
        return false;
    wanted_failures.first = wanted_failures.again;
    wanted_failures.again = 0;
    look_at_calm();
    return true;
}

static COLD void *nothing(void) {
    failures++;
    return NULL;
}

static bool refuse(void) {
    phase |= FAILED;
    ended = true;
    return false;
}

void engine_memory_lacks(void) {
    refuse();
}

/* For whose request it is; what follows the answer is the program's own. */
static enum memory_holder holder(void) {
    return phase & SERVING && engine_memory_holder ? engine_memory_holder(request.link)
                                                   : MEMORY_PRIVILEGED;
}

static size_t limit_of(enum memory_holder of) {
    return of == MEMORY_PRIVILEGED ? limit : of == MEMORY_GUEST ? guest_limit : modest_limit;
}

static COLD bool ask(size_t size) {
    if (phase & SERVING && failure_is_wanted())
        return refuse();
    if (limit == NO_LIMIT)
        return true;
    enum memory_holder of = holder();
    bool reserve_open = phase & (FAILED | LENIENT);
    if (of != MEMORY_PRIVILEGED && !(phase & FAILED))
        reserve_open = !request.transaction && request.type < 32 && guest_types >> request.type & 1;
    size_t then = used + *engine_memory_others + size;
    /* While the reserve is not whole nothing new is made, or it would be eaten crumb by crumb. */
    if (!reserve_open)
        return (SMALL->count * 4 >= SMALL->most * quarters_left[of] && then <= limit_of(of)) ||
               refuse();
    if (then <= limit)
        return true;
    drop_ballast(0);
    return then <= limit + RESERVE || refuse();
}

static ALWAYS_INLINE bool may_grow(size_t size) {
    return used + *engine_memory_others + size <= calm || ask(size);
}

/* The allocator below has nothing left: the reserve is the last that can be given. */
static COLD bool give_ballast(void) {
    bool first = !(phase & (FAILED | LENIENT));
    if (first && drop_ballast(quarters_left[holder()]))
        return true;
    phase |= FAILED;
    ended = true;
    return !first && drop_ballast(0);
}

/* Its counts are nobody's: `used` is what is compared with the limit. */
static JSMallocState beside;
struct engine_memory_count engine_memory_count HOT_DATA;

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
/* Behind them is room for what C keeps beside the engine's heap when it starts: some small blocks,
 * of which each request looks at most. */
#define BESIDE_MEMORY 640
#define BESIDE_MOST 256
static _Alignas(16) char near_memory[NEAR_MEMORY + BESIDE_MEMORY] HOT_DATA_LARGE;
static size_t beside_used;
static unsigned next_near; /* of near_blocks */
static bool near_ended HOT_DATA;

static void *take_early(size_t offset, size_t size) {
    char *block = near_memory + offset;
    if (!early)
        engine_memory_early(near_memory, sizeof(near_memory), 0);
    *(size_t *)(block - EARLY_LEAD) = size;
    used += size + OVERHEAD;
    return block;
}

static COLD void *take_near(size_t size) {
    const struct engine_memory_count now = engine_memory_count;
    const struct near *near = &near_blocks[next_near];
    if (near_ended || near->section > now.section ||
        (near->section == now.section && near->number > now.number))
        return NULL;
    near_ended = near_blocks[++next_near].section == RUNNING;
    if (near->section < now.section)
        return take_near(size);
    if (near->number < now.number || size > near->size)
        return NULL;
    return take_early(near->offset, near->size);
}

static COLD void *take_beside(size_t size) {
    size_t whole = (size + EARLY_LEAD + STEP - 1) / STEP * STEP;
    if (engine_memory_count.section == RUNNING || size > BESIDE_MOST ||
        whole > BESIDE_MEMORY - beside_used)
        return NULL;
    beside_used += whole;
    return take_early(NEAR_MEMORY + beside_used - whole + EARLY_LEAD, whole - EARLY_LEAD);
}

/* Where a value is written it mostly takes the place of one that is about as long. So a few small
 * blocks that were given back are kept, and are the next that are taken, of each size the last
 * first: the allocator has ten times as many instructions. */
#define SPARE_SIZES 16
#define SPARE_MOST 4 /* of a size */
static struct {
    void *first; /* each begins with the next */
    size_t count;
} spare[SPARE_SIZES] HOT_DATA;

static ALWAYS_INLINE void *take_spare(size_t size) {
    size_t n = (size + STEP - OVERHEAD - 1) / STEP;
    if (n >= SPARE_SIZES || !spare[n].first)
        return NULL;
    void *block = spare[n].first;
    spare[n].first = *(void **)block;
    spare[n].count--;
    used += n * STEP + 2 * OVERHEAD;
    return block;
}

/* Returns what is to be freed, if anything. */
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
static const bool near_ended = true;
static void *take_near(size_t size) {
    (void)size;
    return NULL;
}

static void *take_beside(size_t size) {
    (void)size;
    return NULL;
}

/* Who looks for blocks that are used after they were freed is to find them. */
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
    while (!block && give_ballast());
    if (block)
        used += malloc_usable_size(block) + OVERHEAD;
    return block;
}

static void *take(JSMallocState *state, size_t size) {
    void *block = NULL;
    if (!may_grow(size))
        return nothing();
    if (state != &beside) {
        if (!near_ended)
            block = take_near(size);
        engine_memory_count.number++;
    } else {
        block = take_beside(size);
    }
    if (!block && !(block = take_spare(size)) && !(block = take_anywhere(size)))
        return nothing();
    state->malloc_count++;
    state->malloc_size = used;
    return block;
}

static void give(JSMallocState *state, void *block) {
    if (!block)
        return;
    size_t size = usable(block);
    used -= size + OVERHEAD;
    state->malloc_count--;
    state->malloc_size = used;
    if (!is_early(block) && (block = give_spare(block, size)))
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
        return nothing();
    void *moved;
    do
        moved = resized(block, old, size);
    while (!moved && give_ballast());
    if (!moved)
        return nothing();
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
