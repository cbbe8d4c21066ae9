#include "memory_internal.h"
#include <stdlib.h>
#include <xen/io/xs_wire.h>

/* Bytes. The reserve is allocated in pieces, so that a fragmented heap can refill it; half of it in
 * small ones, which fit where any small block was freed. */
#define LARGE_PIECE (8 * 1024)
#define SMALL_PIECE 512
#define LARGE_PIECES 12
#define SMALL_PIECES 192
#define RESERVE (LARGE_PIECES * LARGE_PIECE + SMALL_PIECES * SMALL_PIECE)
/* Quarters of the reserve that a request which creates something must leave, by its holder. */
static const int quarters_left[] = {
    [MEMORY_PRIVILEGED] = 2, [MEMORY_MODEST] = 3, [MEMORY_GUEST] = 4};
#define HALF 2
#define NO_LIMIT SIZE_MAX

/*
 * Requests that create something. The others may use the reserve. That includes TRANSACTION_START,
 * because tools remove nodes in transactions, and that must work in a full store.
 */
static const uint32_t growing_types =
    1U << XS_WRITE | 1U << XS_MKDIR | 1U << XS_SET_PERMS | 1U << XS_WATCH | 1U << XS_INTRODUCE;
/* Requests of a guest that may use the reserve. They may only outside of transactions, because a
 * transaction keeps its reads. */
static const uint32_t guest_types = 1U << XS_DIRECTORY | 1U << XS_READ | 1U << XS_GET_PERMS |
                                    1U << XS_UNWATCH | 1U << XS_RM | 1U << XS_GET_DOMAIN_PATH |
                                    1U << XS_RESET_WATCHES | 1U << XS_DIRECTORY_PART;

/* Parts of the limit: for privileged clients and modest guests; of it, for privileged clients
 * alone; and below the limit of guests, where memory is scarce. The nodes of a toolstack use the
 * first part, and must leave room for a new guest: with 2,000 of them in the smallest store, of 8
 * MB. */
#define PRIVILEGED_PART(limit) ((limit) / 4)
#define ALONE_PART(limit) ((limit) / 12)
#define SCARCE_PART(limit) ((limit) / 12)

size_t memory_used HOT_DATA;
static size_t limit, modest_limit, guest_limit, scarce_from;
size_t memory_fast_limit HOT_DATA;
/* The reserve may be used with FAILED (an allocation has failed) or RESERVE_OPEN, until the next
 * request begins. SERVING: a request runs. */
enum { FAILED = 1, RESERVE_OPEN = 2, SERVING = 4 };
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
/* The reserve: allocated blocks that are freed when it is needed. */
static void *large_pieces[LARGE_PIECES], *small_pieces[SMALL_PIECES];
static struct reserve {
    void **pieces;
    size_t size;
    int most, count;
} reserve[] = {{small_pieces, SMALL_PIECE, SMALL_PIECES, 0},
               {large_pieces, LARGE_PIECE, LARGE_PIECES, 0}};
#define RESERVE_KINDS (sizeof(reserve) / sizeof(*reserve))
#define SMALL (&reserve[0])
static struct {
    unsigned long first, again; /* countdowns; 0: none */
    uint64_t random;            /* state; 0: none */
    unsigned one_in;
} wanted_failures;

static bool is_whole(void) {
    return limit == NO_LIMIT ||
           (reserve[0].count == reserve[0].most && reserve[1].count == reserve[1].most);
}

static void set_fast_limit(void) {
    memory_fast_limit =
        wanted_failures.first || wanted_failures.random || !is_whole() ? 0 : guest_limit;
}

static COLD void fill_reserve(void) {
    for (struct reserve *b = reserve; limit != NO_LIMIT && b < reserve + RESERVE_KINDS; b++)
        while (b->count < b->most && (b->pieces[b->count] = malloc(b->size)))
            b->count++;
    set_fast_limit();
}

/* Frees the reserve down to `quarters` quarters. False: there was nothing to free. */
static COLD bool drop_reserve(int quarters) {
    bool any = false;
    for (struct reserve *b = reserve; b < reserve + RESERVE_KINDS; b++)
        for (; b->count > b->most * quarters / 4; any = true)
            free(b->pieces[--b->count]);
    set_fast_limit();
    return any;
}

void engine_memory_init(size_t bytes) {
    memory_used = 0;
    phase = 0;
    limit = modest_limit = guest_limit = scarce_from = NO_LIMIT;
    if (bytes) {
        limit = bytes > 2 * RESERVE ? bytes - RESERVE : bytes / 2;
        guest_limit = limit - PRIVILEGED_PART(limit);
        modest_limit = limit - ALONE_PART(limit);
        scarce_from = guest_limit - SCARCE_PART(limit);
    }
    fill_reserve();
}

void engine_memory_end(void) {
    drop_reserve(0);
}

/* Calls of engine_memory_keep_reserve() that were not taken back, what the last one wants, and
 * whether a request runs besides. */
static unsigned keepers HOT_DATA, quarters_kept, serving_besides;

ALWAYS_INLINE void engine_memory_turn(void) {
    phase = RESERVE_OPEN;
    keepers = 0;
}

COLD void engine_memory_keep_reserve(unsigned quarters) {
    if (quarters > 0) {
        if (keepers++ == 0)
            serving_besides = phase & SERVING;
        quarters_kept = quarters;
        phase = 0;
    } else if (keepers > 0 && --keepers == 0) {
        phase |= RESERVE_OPEN | serving_besides;
    }
    if (!memory_fast_limit)
        fill_reserve();
}

ALWAYS_INLINE bool engine_memory_grows(unsigned type) {
    return type < 32 && growing_types >> type & 1;
}

ALWAYS_INLINE void engine_memory_request(unsigned type, uint32_t transaction, int link) {
    phase = engine_memory_grows(type) ? SERVING : SERVING | RESERVE_OPEN;
    request.type = type;
    request.transaction = transaction;
    request.link = link;
    if (!memory_fast_limit)
        fill_reserve();
}

/* Whether the reserve cannot be refilled: malloc() can fail early in a fragmented heap. */
static bool is_torn(void) {
    if (!is_whole())
        fill_reserve();
    return limit != NO_LIMIT && SMALL->count < SMALL->most;
}

bool engine_memory_scarce(void) {
    return memory_used + *engine_memory_others > scarce_from || is_torn();
}

bool engine_memory_critical(void) {
    return memory_used + *engine_memory_others > modest_limit || is_torn();
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
    return memory_used;
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
    set_fast_limit();
}

void engine_memory_fail_random(uint64_t seed, unsigned one_in) {
    engine_memory_fail_pair(0, 0);
    wanted_failures.random = seed;
    wanted_failures.one_in = one_in;
    set_fast_limit();
}

/* Whether a test wants this allocation to fail. */
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
    set_fast_limit();
    return true;
}

COLD void *memory_count_failure(void) {
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

/* The holder of the present request. Outside of requests, work is the program's own. */
static enum memory_holder holder(void) {
    return phase & SERVING && engine_memory_holder ? engine_memory_holder(request.link)
                                                   : MEMORY_PRIVILEGED;
}

static size_t limit_of(enum memory_holder of) {
    return of == MEMORY_PRIVILEGED ? limit : of == MEMORY_GUEST ? guest_limit : modest_limit;
}

/* Quarters of the reserve that must be left. */
static unsigned quarters_of(enum memory_holder of) {
    return keepers > 0 && !(phase & SERVING) ? quarters_kept : (unsigned)quarters_left[of];
}

/* Whether an allocation that must leave a part of the reserve is allowed. */
static bool allows_closed(enum memory_holder of, size_t then) {
    unsigned quarters = quarters_of(of);
    size_t most = limit_of(of);
    /* Half of the reserve lies behind the limit for what needs not leave so much. */
    if (quarters < HALF && then > most) {
        drop_reserve(quarters);
        most += RESERVE / 4 * (HALF - quarters);
    }
    return SMALL->count * 4 >= SMALL->most * (int)quarters && then <= most;
}

COLD bool memory_allows(size_t size) {
    if (phase & SERVING && failure_is_wanted())
        return refuse();
    if (limit == NO_LIMIT)
        return true;
    enum memory_holder of = holder();
    bool reserve_open = phase & (FAILED | RESERVE_OPEN);
    if (of != MEMORY_PRIVILEGED && !(phase & FAILED))
        reserve_open = !request.transaction && request.type < 32 && guest_types >> request.type & 1;
    size_t then = memory_used + *engine_memory_others + size;
    /* Requests that create something must leave their part of the reserve; otherwise many small
     * ones would use it up. */
    if (!reserve_open)
        return allows_closed(of, then) || refuse();
    if (then <= limit)
        return true;
    drop_reserve(0);
    return then <= limit + RESERVE || refuse();
}

COLD bool memory_give_reserve(void) {
    bool first = !(phase & (FAILED | RESERVE_OPEN));
    if (first && drop_reserve((int)quarters_of(holder())))
        return true;
    phase |= FAILED;
    ended = true;
    return !first && drop_reserve(0);
}
