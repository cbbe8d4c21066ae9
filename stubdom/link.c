#include "link.h"
#include "engine/word_ops.h"
#include "packets.h"
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

/* Input: one message of the largest size, and more of small ones in one take. */
#define IN_SIZE (2 * MESSAGE_MAX)
/* Output: several replies go out in one put. */
#define OUT_SIZE (4 * MESSAGE_MAX)
/* What one unit sends cannot go out before it counts: a client that is trusted gets more room for
 * it, for a while. A guest's own fan-out must not. */
#define OUT_MOST (16 * OUT_SIZE)
#define SPARE_BUFFERS 8
/* Where memory is scarce, parts of guests' messages take so many bytes more in a turn, and each so
 * many at first. */
#define GROWN_MOST (8 * MESSAGE_MAX)
#define GROWN_STEP 256

/*
 * A turn gets messages for so many milliseconds; then what was answered goes out, and who has news
 * is heard. Whose message takes long stands back for a while: another's message goes first, and the
 * time of such messages is half of all, as long as others have any.
 */
#define TURN_MILLISECONDS 1.0
#define LONG_MILLISECONDS 0.25
/* A message that takes so long makes the next ones suspicious, for so long, and those first that
 * are no longer than that. */
#define WARY_OF_MILLISECONDS 2
#define WARY_MILLISECONDS 100
#define LONG_PATH 512
#define BACK_MILLISECONDS 250.0
/* Twice as long each time, for who has such messages again before that is over. */
#define BACK_DOUBLED 4
/* No time in ticks is longer: what seems to be is from before the counter was set back. */
#define MOST_TICKS (1ULL << 35)

struct buffer {
    struct buffer *next; /* among the spare ones */
    size_t size;
    char bytes[]; /* and some more, which may be read and written in vain (LINK_SLACK) */
};

struct pool {
    struct buffer *spare; /* of its size */
    unsigned spares;
};

enum state { FREE, OPEN, BROKEN };

/* Lists of links, each with its oldest first. */
enum list_kind {
    EVENTS, /* with raised events */
    CIRCLE, /* with news, in turn */
    BACK,   /* the same, of those that stand back */
    DIRTY,  /* to flush */
    MOVED,  /* flushed since they were looked at last */
    STAGED, /* with something staged */
    LISTS
};

struct link {
    const struct transport *transport;
    struct endpoint endpoint;
    int number;
    enum state state;
    bool in_list[LISTS];
    bool guarded; /* the daemon decides each time whether it is read */
    bool dirty;   /* bytes moved since the last notify */
    bool refused; /* a send was refused: ROOM is owed when there is room */
    bool leaving; /* closed when that counts */
    bool suspect; /* its next message made the program fail once */
    bool breaking;
    bool claimed;               /* the program that starts anew knows it */
    bool greedy;                /* it makes the program keep much */
    bool due;                   /* it has stood back, and its next message need not */
    bool unheard;               /* it has news, which wait until it has read what it was answered */
    bool events[EVENT_DOMAINS]; /* raised and not taken yet, by kind */
    struct link *next[LISTS];
    uint64_t back_until; /* in ticks: it stands back */
    uint64_t took;       /* ticks of its long messages since it does */
    unsigned doubled;
    unsigned reads; /* how often it took some of what waited for it */
    struct buffer *in, *out;
    size_t in_start, in_end, out_start, out_end;
    size_t out_safe; /* what is behind it is staged: it goes out when it counts */
    struct traffic traffic;
    int next_free;
};

/* In an image there are rings and nothing else: what is called is known. */
#ifdef __XEN_STUB__
#include "ring_transport.h"
#define BELOW(link, name) ring_transport_##name
#define CAN_STAGE(link) true
#define CAN_LOOK(link) true
#else
#define BELOW(link, name) (link)->transport->name
#define CAN_STAGE(link) ((link)->transport->stage != NULL)
#define CAN_LOOK(link) ((link)->transport->look != NULL)
#endif

static struct pool in_pool HOT_DATA, out_pool HOT_DATA;
static size_t held; /* in buffers, the spare ones among them */
const size_t *const link_all_buffers = &held;

/* The first of them are hot. */
static struct link *few_pointers[64] HOT_DATA;
static struct link few_links[4] HOT_DATA;
static struct link **links HOT_DATA; /* each at an address that stays */
static int link_count HOT_DATA;
static int link_room;
static int first_free = -1;
/* `end` is where the next is noted; there are none before there is a link. */
struct list {
    struct link *first, **end;
};
static struct list lists[LISTS] HOT_DATA;
static int suspects HOT_DATA;
static unsigned long found_late;
/* The link whose message link_next() returned last. It keeps its buffer, until that is another. */
static struct link *served HOT_DATA;
static struct {
    struct link *of;       /* whose message was taken last in this turn; NULL: nobody's */
    uint64_t since;        /* when that was, in ticks */
    uint64_t begun;        /* when the first of the turn was; 0: there was none */
    bool others;           /* one that does not stand back was served in this turn */
    uint64_t others_until; /* those that do not stand back go first */
    uint64_t wary_until;   /* a guest's message has just taken long: others may, too */
    uint64_t wary_took;    /* how long, in ticks */
    bool wary;             /* the message that is looked for is to stand back if it may */
    size_t grown; /* bytes of buffers for parts of messages, in this turn, where memory is scarce */
} work;
static unsigned raised HOT_DATA; /* of the kinds that are no link's: a bit each */
static struct traffic closed_traffic;

static ALWAYS_INLINE void enter(enum list_kind list, struct link *link) {
    if (link->in_list[list])
        return;
    link->in_list[list] = true;
    link->next[list] = NULL;
    *lists[list].end = link;
    lists[list].end = &link->next[list];
}

/* The oldest, which is there. */
static ALWAYS_INLINE struct link *leave(enum list_kind list) {
    struct link *link = lists[list].first;
    lists[list].first = link->next[list];
    if (!lists[list].first)
        lists[list].end = &lists[list].first;
    link->in_list[list] = false;
    return link;
}

static ALWAYS_INLINE bool is_before(uint64_t now, uint64_t until) {
    return until - now - 1 < MOST_TICKS;
}

static uint64_t took_of(const struct link *link, uint64_t now) {
    return is_before(now, link->back_until) ? link->took : 0;
}

/* Those who have stood back for long enough are as any other again. */
static COLD void return_from_back(uint64_t now) {
    struct link *one = lists[BACK].first;
    lists[BACK].first = NULL;
    lists[BACK].end = &lists[BACK].first;
    while (one) {
        struct link *next = one->next[BACK];
        one->in_list[BACK] = false;
        enter(is_before(now, one->back_until) ? BACK : CIRCLE, one);
        one = next;
    }
}

/* Of those that stand back, of whom there is one, the one whose long messages took least. */
static COLD struct link *leave_back(uint64_t now) {
    struct link **at = &lists[BACK].first;
    for (struct link **one = &(*at)->next[BACK]; *one; one = &(*one)->next[BACK])
        if (took_of(*one, now) < took_of(*at, now))
            at = one;
    struct link *link = *at;
    *at = link->next[BACK];
    if (!*at)
        lists[BACK].end = at;
    link->in_list[BACK] = false;
    return link;
}

static struct buffer *buffer_of(size_t size) {
    struct buffer *buffer = malloc(sizeof(*buffer) + size + LINK_SLACK);
    if (buffer) {
        buffer->size = size;
        held += size;
    }
    return buffer;
}

static ALWAYS_INLINE struct buffer *pool_take(struct pool *pool, size_t size) {
    struct buffer *buffer = pool->spare;
    if (UNLIKELY(!buffer))
        return buffer_of(size);
    pool->spare = buffer->next;
    pool->spares--;
    return buffer;
}

static COLD void drop_buffer(struct buffer *buffer) {
    held -= buffer->size;
    free(buffer);
}

static ALWAYS_INLINE void pool_give(struct pool *pool, size_t size, struct buffer **slot) {
    struct buffer *buffer = *slot;
    *slot = NULL;
    if (pool->spares == SPARE_BUFFERS || buffer->size != size) {
        drop_buffer(buffer);
        return;
    }
    buffer->next = pool->spare;
    pool->spare = buffer;
    pool->spares++;
}

static bool grow(void) {
    int room = link_room ? 2 * link_room : (int)(sizeof(few_pointers) / sizeof(*few_pointers));
    struct link **more = link_room ? malloc(room * sizeof(*links)) : few_pointers;
    if (!more)
        return false;
    for (int i = 0; i < LISTS && !link_room; i++)
        lists[i].end = &lists[i].first;
    if (link_count)
        memcpy(more, links, link_count * sizeof(*links));
    if (links != few_pointers)
        free(links);
    links = more;
    link_room = room;
    return true;
}

/* Where one is for the next number; NULL: there is no memory. */
static struct link *new_link(void) {
    if (link_count == link_room && !grow())
        return NULL;
    bool few = link_count < (int)(sizeof(few_links) / sizeof(*few_links));
    struct link *link = few ? &few_links[link_count] : calloc(1, sizeof(*link));
    if (link) {
        link->number = link_count;
        links[link_count++] = link;
    }
    return link;
}

static ALWAYS_INLINE struct link *get(int number) {
    if ((unsigned)number >= (unsigned)link_count || links[number]->state == FREE)
        return NULL;
    return links[number];
}

int link_add(const struct transport *transport, const struct endpoint *endpoint) {
    int number = first_free;
    struct link *link;
    if (number >= 0) {
        link = links[number];
        first_free = link->next_free;
    } else {
        link = new_link();
        if (!link)
            return -1;
        number = link->number;
    }
    struct link old = *link;
    *link = (struct link){
        .transport = transport, .endpoint = *endpoint, .number = number, .state = OPEN};
    /* It may still stand in a list from its last life. */
    memcpy(link->in_list, old.in_list, sizeof(link->in_list));
    memcpy(link->next, old.next, sizeof(link->next));
    return number;
}

struct endpoint *link_endpoint(int number) {
    struct link *link = get(number);
    return link ? &link->endpoint : NULL;
}

bool link_is_open(int number) {
    struct link *link = get(number);
    return link && link->state == OPEN;
}

const struct traffic *link_traffic(int number) {
    struct link *link = get(number);
    return link ? &link->traffic : NULL;
}

static void add_traffic(struct traffic *sum, const struct traffic *more) {
    sum->requests += more->requests;
    sum->replies += more->replies;
    sum->events += more->events;
}

struct traffic link_traffic_total(void) {
    struct traffic sum = closed_traffic;
    for (int i = 0; i < link_count; i++)
        if (links[i]->state != FREE)
            add_traffic(&sum, &links[i]->traffic);
    return sum;
}

void link_held(int number, size_t *in, size_t *out) {
    struct link *link = get(number);
    *in = link ? link->in_end - link->in_start : 0;
    *out = link ? link->endpoint.staged + link->out_end - link->out_start : 0;
}

bool link_memory_scarce;

/* Whether a guest's messages are to take as little memory as they can. */
static ALWAYS_INLINE bool is_little(const struct link *link) {
    return link_memory_scarce && link->endpoint.domid > 0;
}

void link_set_modest(int number, bool on) {
    struct link *link = get(number);
    if (link)
        link->greedy = !on;
}

bool link_is_modest(int number) {
    struct link *link = get(number);
    return link && !link->greedy;
}

size_t link_buffers(int number) {
    struct link *link = get(number);
    return link ? (link->in ? link->in->size : 0) + (link->out ? link->out->size : 0) : 0;
}

static void raise_event(struct link *link, enum event_kind kind) {
    link->events[kind] = true;
    enter(EVENTS, link);
}

void link_raise(enum event_kind kind) {
    if (kind >= EVENT_DOMAINS)
        raised |= 1U << kind;
}

static ALWAYS_INLINE void mark_dirty(struct link *link) {
    link->dirty = true;
    enter(DIRTY, link);
}

static ALWAYS_INLINE void wake(struct link *link) {
    enter(CIRCLE, link);
    if (link->out)
        enter(DIRTY, link);
}

void link_wake(int number) {
    struct link *link = get(number);
    if (link)
        wake(link);
}

ALWAYS_INLINE struct endpoint *link_heard(int number) {
    struct link *link = get(number);
    if (!link)
        return NULL;
    wake(link);
    return &link->endpoint;
}

void link_guard(int number, bool on) {
    struct link *link = get(number);
    if (link)
        link->guarded = on;
}

void link_connected(int number) {
    raise_event(links[number], EVENT_CONNECTED);
    enter(CIRCLE, links[number]);
}

static ALWAYS_INLINE bool has_raised(void) {
    return ((uintptr_t)lists[EVENTS].first | raised) != 0;
}

ALWAYS_INLINE bool link_has_events(void) {
    return ((uintptr_t)lists[CIRCLE].first | (uintptr_t)lists[BACK].first |
            (uintptr_t)lists[EVENTS].first | raised) != 0;
}

ALWAYS_INLINE bool link_in_circle(void) {
    return ((uintptr_t)lists[CIRCLE].first | (uintptr_t)lists[BACK].first) != 0;
}

/* The message that was taken last may have taken long. */
static COLD void weigh(uint64_t now) {
    uint64_t took = now - work.since;
    double milliseconds = packets_milliseconds(took);
    struct link *link = work.of;
    /* A socket's client and Dom0 are trusted, and guests wait for what they do. */
    if (milliseconds < LONG_MILLISECONDS || link->endpoint.domid <= 0)
        return;
    /* A message that a busy machine held up makes nobody one of those whose every message is long.
     */
    link->took = is_before(now, link->back_until) ? link->took + took : took;
    link->doubled = !is_before(now, link->back_until) ? 0
                    : link->doubled < BACK_DOUBLED    ? link->doubled + 1
                                                      : BACK_DOUBLED;
    double back = BACK_MILLISECONDS * (1U << link->doubled);
    link->back_until = now + (uint64_t)(back * (took / milliseconds));
    work.others_until = now + (took < MOST_TICKS ? took : MOST_TICKS);
    if (milliseconds >= WARY_OF_MILLISECONDS) {
        work.wary_until = now + (uint64_t)(WARY_MILLISECONDS * (took / milliseconds));
        work.wary_took = took;
    }
}

/*
 * Guests can prepare one message each that takes long and send them all at once: nobody is known
 * yet as one whose messages do. So, behind one of them, what may be another (by its type, or its
 * length, for a path of many levels is long) stands back for what is none.
 */
static COLD bool stands_back(struct link *link, const struct header *header) {
    if (header->type != XS_TRANSACTION_END && header->type != XS_RM && header->length < LONG_PATH)
        return false;
    if (!is_before(packets_ticks(), link->back_until)) {
        link->back_until = work.wary_until;
        /* Behind those who stand back for less. */
        link->took = work.wary_took;
        link->doubled = 0;
    }
    enter(BACK, link);
    return true;
}

static ALWAYS_INLINE void weigh_last(uint64_t now) {
    if (work.of && UNLIKELY(now - work.since > (uint64_t)(LONG_MILLISECONDS * PACKETS_LEAST)))
        weigh(now);
}

static ALWAYS_INLINE void take_up(struct link *link) {
    uint64_t now = packets_ticks();
    weigh_last(now);
    if (!work.begun)
        work.begun = now;
    work.of = link;
    work.since = now;
}

ALWAYS_INLINE void link_turn(void) {
    packets_time_passed();
    if (UNLIKELY(lists[BACK].first))
        return_from_back(packets_ticks_now());
    work.of = NULL;
    work.begun = 0;
    work.others = false;
    work.grown = 0;
}

/* There are no messages any more: what follows is not the work of who sent the last. */
ALWAYS_INLINE void link_turn_ended(void) {
    weigh_last(packets_ticks_now());
    work.of = NULL;
}

static COLD enum link_next none(void) {
    link_turn_ended();
    return NEXT_NONE;
}

static COLD bool has_ended(uint64_t now) {
    return packets_milliseconds(now - work.begun) >= TURN_MILLISECONDS;
}

static ALWAYS_INLINE bool turn_ended(uint64_t now) {
    return work.begun &&
           UNLIKELY(now - work.begun > (uint64_t)(TURN_MILLISECONDS * PACKETS_LEAST)) &&
           has_ended(now);
}

/* One of those that stand back is next. */
static ALWAYS_INLINE bool back_is_due(uint64_t now) {
    return UNLIKELY(lists[BACK].first) &&
           (!lists[CIRCLE].first || !is_before(now, work.others_until));
}

static COLD int take_events(int32_t *pairs, int most) {
    static const enum event_kind order[] = {EVENT_CONNECTED, EVENT_RESET, EVENT_BROKEN, EVENT_ROOM};
    int count = 0;

    for (enum event_kind kind = EVENT_DOMAINS; kind < EVENT_KINDS; kind++) {
        if (!(raised & 1U << kind) || count == most)
            continue;
        raised &= ~(1U << kind);
        pairs[2 * count] = kind;
        pairs[2 * count++ + 1] = 0;
    }
    while (lists[EVENTS].first && count + 4 <= most) {
        struct link *link = leave(EVENTS);
        for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
            if (link->state == FREE || !link->events[order[i]])
                continue;
            link->events[order[i]] = false;
            pairs[2 * count] = order[i];
            pairs[2 * count++ + 1] = link->number;
        }
    }
    return count;
}

ALWAYS_INLINE int link_events(int32_t *pairs, int most) {
    return has_raised() ? take_events(pairs, most) : 0;
}

static void drop_buffers(struct link *link) {
    if (link->in)
        pool_give(&in_pool, IN_SIZE, &link->in);
    if (link->out)
        pool_give(&out_pool, OUT_SIZE, &link->out);
    link->in_start = link->in_end = link->out_start = link->out_end = link->out_safe = 0;
    link->endpoint.staged = link->endpoint.counted = 0;
    link->refused = link->unheard = false;
}

static bool put_waiting(struct link *link);

static COLD void break_link(struct link *link, enum link_error error) {
    if (link->state != OPEN)
        return;
    /* What was answered before goes out first: a client may end its side and still read. */
    if ((link->out || link->endpoint.counted) && !link->breaking) {
        link->breaking = true;
        put_waiting(link);
        if (link->state != OPEN)
            return;
    }
    link->state = BROKEN;
    drop_buffers(link);
    BELOW(link, shut)(&link->endpoint, error);
    raise_event(link, EVENT_BROKEN);
}

void link_shut(int number, enum link_error error) {
    struct link *link = get(number);
    if (!link || link->state != OPEN)
        return;
    break_link(link, error);
    link->events[EVENT_BROKEN] = false; /* the caller knows */
}

static void reset(struct link *link) {
    drop_buffers(link);
    link->state = OPEN;
    link->breaking = false;
    link_served(link->number);
    link->events[EVENT_BROKEN] = false;
    BELOW(link, reset)(&link->endpoint);
    mark_dirty(link);
}

void link_reset(int number) {
    struct link *link = get(number);
    if (link)
        reset(link);
}

static COLD void restarted(struct link *link) {
    reset(link);
    raise_event(link, EVENT_RESET);
    enter(CIRCLE, link);
}

void link_restarted(int number) {
    struct link *link = get(number);
    if (link)
        restarted(link);
}

void link_announce(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    BELOW(link, announce)(&link->endpoint);
    mark_dirty(link);
    /* There may be requests already. */
    enter(CIRCLE, link);
}

void link_set_features(int number, uint32_t mask) {
    struct link *link = get(number);
    if (link)
        BELOW(link, set_features)(&link->endpoint, mask);
}

void link_close(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    drop_buffers(link);
    BELOW(link, close)(&link->endpoint);
    link_served(number);
    add_traffic(&closed_traffic, &link->traffic);
    link->state = FREE;
    memset(link->events, 0, sizeof(link->events));
    link->next_free = first_free;
    first_free = number;
}

static COLD void not_moved(struct link *link, int result) {
    if (result == TRANSPORT_RESET)
        restarted(link);
    else if (result < 0)
        break_link(link, -result);
}

/* Bytes were moved with one call of the transport; 0 when there was anything but bytes. */
static ALWAYS_INLINE int moved(struct link *link, int result) {
    if (result <= 0) {
        not_moved(link, result);
        return 0;
    }
    mark_dirty(link);
    return result;
}

static ALWAYS_INLINE void release_in(struct link *link) {
    if (link->in && link->in_start == link->in_end)
        pool_give(&in_pool, IN_SIZE, &link->in);
}

/* A buffer for part of a guest's message while memory is scarce. NULL: they have grown enough in
 * this turn. */
static COLD struct buffer *small_buffer(size_t size) {
    if (work.grown + size > GROWN_MOST)
        return NULL;
    work.grown += size;
    return buffer_of(size);
}

/* What was kept in as little memory as it takes (shrink_in) goes on in a buffer of the usual size,
 * or, where memory is scarce, in one that grows with what comes. */
static COLD bool widen_in(struct link *link) {
    size_t length = link->in_end - link->in_start, size = HEADER_SIZE;
    if (length >= HEADER_SIZE) {
        struct header header;
        memcpy(&header, link->in->bytes + link->in_start, HEADER_SIZE);
        size = HEADER_SIZE + header.length;
        if (size > 2 * length + GROWN_STEP)
            size = 2 * length + GROWN_STEP;
    }
    struct buffer *wide = is_little(link) ? small_buffer(size) : pool_take(&in_pool, IN_SIZE);
    if (!wide)
        return false;
    memcpy(wide->bytes, link->in->bytes + link->in_start, length);
    link->in_end = length;
    link->in_start = 0;
    drop_buffer(link->in);
    link->in = wide;
    return true;
}

/* Room for a whole message behind what is there already. */
static ALWAYS_INLINE bool make_room(struct link *link) {
    if (link->in_start == link->in_end) {
        link->in_start = link->in_end = 0;
        if (UNLIKELY(link->in && link->in->size != IN_SIZE))
            pool_give(&in_pool, IN_SIZE, &link->in);
        if (UNLIKELY(is_little(link)))
            return link->in || (link->in = small_buffer(HEADER_SIZE));
        return link->in || (link->in = pool_take(&in_pool, IN_SIZE));
    }
    if (UNLIKELY(link->in->size != IN_SIZE))
        return link->in_end < link->in->size || widen_in(link);
    if (UNLIKELY(link->in_start > IN_SIZE - MESSAGE_MAX)) {
        memmove(link->in->bytes, link->in->bytes + link->in_start, link->in_end - link->in_start);
        link->in_end -= link->in_start;
        link->in_start = 0;
    }
    return true;
}

static ALWAYS_INLINE bool whole_message(struct link *link, struct message *message) {
    size_t length = link->in_end - link->in_start;
    if (length < HEADER_SIZE)
        return false;
    const char *start = link->in->bytes + link->in_start;
    memcpy(&message->header, start, HEADER_SIZE);
    if (message->header.length > PAYLOAD_MAX) {
        break_link(link, LINK_PROTOCOL);
        return false;
    }
    if (length < HEADER_SIZE + message->header.length)
        return false;
    if (UNLIKELY(work.wary) && stands_back(link, &message->header))
        return false;
    message->payload = start + HEADER_SIZE;
    link->in_start += HEADER_SIZE + message->header.length;
    packets_in(link->number, link->endpoint.domid, &message->header, message->payload);
    link->traffic.requests++;
    link->traffic.last_type = message->header.type;
    link->traffic.last_ticks = packets_ticks();
    take_up(link);
    return true;
}

/* How many bytes are missing of the message that begins there, or of its header. */
static COLD size_t missing(const struct link *link) {
    size_t length = link->in_end - link->in_start;
    if (length < HEADER_SIZE)
        return HEADER_SIZE - length;
    struct header header;
    memcpy(&header, link->in->bytes + link->in_start, HEADER_SIZE);
    return HEADER_SIZE + header.length - length;
}

static ALWAYS_INLINE bool receive(struct link *link, struct message *message) {
    while (!whole_message(link, message)) {
        if (UNLIKELY(link->state != OPEN || (work.wary && link->in_list[BACK])))
            return false;
        if (UNLIKELY(!make_room(link))) {
            /* No memory now. It is tried again in another turn, in which the program gives some up.
             */
            raise_event(link, EVENT_ROOM);
            return false;
        }
        size_t room = link->in->size - link->in_end;
        if (UNLIKELY(is_little(link)) && missing(link) < room)
            room = missing(link);
        int taken =
            moved(link, BELOW(link, take)(&link->endpoint, link->in->bytes + link->in_end, room));
        if (UNLIKELY(!taken || link->state != OPEN)) {
            release_in(link);
            return false;
        }
        link->in_end += taken;
    }
    return true;
}

/* As receive(), for a message that may be to stand back. */
static ALWAYS_INLINE bool receive_warily(struct link *link, struct message *message, uint64_t now) {
    work.wary = UNLIKELY(is_before(now, work.wary_until)) && !link->due && link->endpoint.domid > 0;
    bool received = receive(link, message);
    work.wary = false;
    link->due = false;
    return received;
}

bool link_receive(int number, struct message *message) {
    struct link *link = get(number);
    return link && link->state == OPEN && receive_warily(link, message, packets_ticks());
}

ALWAYS_INLINE enum link_next link_next(int *number, struct message *message) {
    /* What happened to a link is known before it is served. */
    while (link_in_circle() && !has_raised()) {
        uint64_t now = packets_ticks();
        bool back = back_is_due(now);
        /* What was answered does not wait for a message that takes long. */
        if (turn_ended(now) || (back && work.others))
            return none();
        struct link *link = UNLIKELY(back) ? leave_back(now) : leave(CIRCLE);
        if (UNLIKELY(is_before(now, link->back_until)) && !back && !link->due) {
            enter(BACK, link);
            continue;
        }
        *number = link->number;
        if (UNLIKELY(back))
            link->due = true;
        if (UNLIKELY(link->state != OPEN))
            continue;
        /* Where memory is scarce, a guest reads its reply before it is read; empty_out() has it
         * heard then. */
        if (UNLIKELY(is_little(link) && link->out)) {
            link->unheard = true;
            continue;
        }
        if (UNLIKELY(link->guarded)) {
            /* What the program does for it is its own. */
            packets_ticks_now();
            take_up(link);
            return NEXT_GUARDED;
        }
        if (UNLIKELY(!receive_warily(link, message, now)))
            continue;
        if (UNLIKELY(link->in_start < link->in_end || !link->endpoint.drained))
            enter(CIRCLE, link);
        /* The last message was in it, and was served. */
        if (UNLIKELY(served != link && served))
            release_in(served);
        served = link;
        work.others |= !back;
        return NEXT_MESSAGE;
    }
    return none();
}

/* What waits in a buffer came after what is staged at the peer's. */
static COLD bool empty_out(struct link *link) {
    while (link->out_start < link->out_safe) {
        int put = moved(link, BELOW(link, put)(&link->endpoint, link->out->bytes + link->out_start,
                                               link->out_safe - link->out_start));
        if (UNLIKELY(!put || link->state != OPEN))
            return false;
        link->out_start += put;
        link->reads++;
    }
    link->out_end -= link->out_start;
    if (UNLIKELY(link->out_end > 0))
        memmove(link->out->bytes, link->out->bytes + link->out_start, link->out_end);
    else if (link->out)
        pool_give(&out_pool, OUT_SIZE, &link->out);
    link->out_start = link->out_safe = 0;
    if (UNLIKELY(link->unheard && !link->out)) {
        link->unheard = false;
        enter(CIRCLE, link);
    }
    return true;
}

/* Puts out what counts. True: none of that waits any more. */
static ALWAYS_INLINE bool put_out(struct link *link) {
    if (link->endpoint.counted &&
        (!moved(link, BELOW(link, publish)(&link->endpoint)) || link->state != OPEN))
        return false;
    return !link->out || empty_out(link);
}

static bool put_waiting(struct link *link) {
    return put_out(link);
}

/* Room for so many bytes more behind what is there. */
static COLD bool make_out_room(struct link *link, size_t size) {
    if (!put_waiting(link))
        return false;
    if (!link->out || link->out_end + size <= link->out->size)
        return true;
    size_t wanted = link->out->size < OUT_SIZE ? OUT_SIZE : 4 * link->out->size;
    if (link->out_end + size > wanted ||
        wanted > (link->endpoint.domid > 0 ? OUT_SIZE : OUT_MOST) || is_little(link))
        return false;
    struct buffer *more = buffer_of(wanted);
    if (!more)
        return false;
    memcpy(more->bytes, link->out->bytes, link->out_end);
    pool_give(&out_pool, OUT_SIZE, &link->out);
    link->out = more;
    return true;
}

/* Stages a message in the link's own buffer. False: there is no room now, or nobody any more. */
static COLD bool keep(struct link *link, const struct header *header, const void *payload) {
    size_t size = HEADER_SIZE + header->length;
    if (link->out && link->out_end + size > link->out->size && !make_out_room(link, size)) {
        link->refused = link->state == OPEN;
        return false;
    }
    if (!link->out &&
        !(link->out = is_little(link) ? buffer_of(size) : pool_take(&out_pool, OUT_SIZE))) {
        link->refused = true;
        raise_event(link, EVENT_ROOM); /* no memory now: try again */
        return false;
    }
    char *to = link->out->bytes + link->out_end;
    memcpy(to, header, HEADER_SIZE);
    memcpy(to + HEADER_SIZE, payload, header->length);
    link->out_end += size;
    return true;
}

static ALWAYS_INLINE bool send(struct link *link, const struct header *header,
                               const void *payload) {
    if (UNLIKELY(!link || link->state != OPEN))
        return true; /* as if sent: nobody is there to read it */
    bool there =
        !link->out && CAN_STAGE(link) && BELOW(link, stage)(&link->endpoint, header, payload);
    if (UNLIKELY(!there) && !keep(link, header, payload))
        return link->state != OPEN;
    enter(STAGED, link);
    packets_out(link->number, link->endpoint.domid, header, payload);
    if (UNLIKELY(header->type == XS_WATCH_EVENT))
        link->traffic.events++;
    else
        link->traffic.replies++;
    mark_dirty(link);
    return true;
}

bool link_send(int number, const struct header *header, const void *payload) {
    return send(get(number), header, payload);
}

ALWAYS_INLINE bool link_reply(int number, const struct header *header, const void *payload) {
    return send(get(number), header, payload);
}

void link_leave(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    link->leaving = true;
    enter(STAGED, link);
}

ALWAYS_INLINE void link_commit(void) {
    while (lists[STAGED].first) {
        struct link *link = leave(STAGED);
        link->out_safe = link->out_end;
        link->endpoint.counted = link->endpoint.staged;
        if (link->leaving)
            link_close(link->number);
    }
}

void link_discard(void) {
    while (lists[STAGED].first) {
        struct link *link = leave(STAGED);
        link->leaving = false;
        link->out_end = link->out_safe;
        link->endpoint.staged = link->endpoint.counted;
        if (link->out && link->out_end == 0)
            pool_give(&out_pool, OUT_SIZE, &link->out);
    }
}

const char *link_last(int number, size_t size) {
    struct link *link = get(number);
    if (!link || link->state != OPEN || !link->in || link->in_start < size)
        return NULL;
    return link->in->bytes + link->in_start - size;
}

bool link_unread(int number, size_t size) {
    if (!link_last(number, size) || links[number]->suspect)
        return false;
    struct link *link = links[number];
    link->in_start -= size;
    link->suspect = true;
    suspects++;
    enter(CIRCLE, link);
    return true;
}

static COLD void believe(int number) {
    if (number < 0 || number >= link_count || !links[number]->suspect)
        return;
    links[number]->suspect = false;
    suspects--;
}

ALWAYS_INLINE void link_served(int number) {
    if (suspects > 0)
        believe(number);
}

void link_raise_again(const int32_t *pairs, int count) {
    for (int i = 0; i < count; i++) {
        if (pairs[2 * i] >= EVENT_DOMAINS)
            link_raise(pairs[2 * i]);
        else if (get(pairs[2 * i + 1]))
            raise_event(links[pairs[2 * i + 1]], pairs[2 * i]);
    }
}

enum link_claim link_claim(int number, int domid) {
    struct link *link = get(number);
    if (!link || link->endpoint.domid != domid)
        return CLAIM_GONE;
    link->claimed = true;
    if (link->state == OPEN)
        return CLAIM_OPEN;
    return CLAIM_BROKEN;
}

void link_unclaim_all(void) {
    for (int i = 0; i < link_count; i++)
        links[i]->claimed = false;
}

void link_close_unclaimed(void) {
    for (int i = 0; i < link_count; i++) {
        struct link *link = links[i];
        if (link->state == FREE || link->claimed)
            continue;
        /* A client on a socket came, and nobody knows of it yet; all else was made to no end. */
        if (link->endpoint.domid < 0 && link->state == OPEN)
            link_connected(i);
        else
            link_close(i);
    }
}

ALWAYS_INLINE void link_flush(void) {
    for (struct link *link; (link = lists[DIRTY].first);) {
        if (link->state == OPEN)
            put_out(link);
        if (UNLIKELY(link->refused) && link->state == OPEN && !link->out) {
            link->refused = false;
            raise_event(link, EVENT_ROOM);
        }
        /* Also a broken link's peer learns of it. */
        if (link->dirty && link->state != FREE)
            BELOW(link, notify)(&link->endpoint);
        link->dirty = false;
        leave(DIRTY);
        enter(MOVED, link);
    }
}

/* Looks at what the peer has done: requests make the link ready, room makes it be flushed. True:
 * there was something. */
static ALWAYS_INLINE bool look_at(struct link *link) {
    if (UNLIKELY(link->state != OPEN || !CAN_LOOK(link)))
        return false;
    unsigned news = BELOW(link, look)(&link->endpoint, link->out != NULL);
    if (UNLIKELY(news & PEER_WROTE))
        enter(CIRCLE, link);
    if (UNLIKELY(news & PEER_READ))
        enter(DIRTY, link);
    return news != 0;
}

ALWAYS_INLINE bool link_look(void) {
    /* All indexes of this turn are published, before those of the peers are read again. */
    if (lists[MOVED].first)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (lists[MOVED].first)
        look_at(leave(MOVED));
    return link_has_events() || lists[DIRTY].first;
}

void link_look_at_all(void) {
    for (int i = 0; i < link_count; i++) {
        bool known = links[i]->in_list[CIRCLE] || links[i]->in_list[BACK] ||
                     links[i]->in_list[DIRTY] || links[i]->guarded;
        if (look_at(links[i]) && !known)
            found_late++;
    }
}

unsigned long link_found_late(void) {
    return found_late;
}

size_t link_memory(void) {
    size_t spare = in_pool.spares * IN_SIZE + out_pool.spares * OUT_SIZE;
    return held - spare + link_room * sizeof(*links) + link_count * sizeof(struct link);
}

/* What is in a buffer goes into one of just that size. False: it is that already, or there is no
 * memory. */
static bool shrink(struct buffer **slot, size_t start, size_t length) {
    struct buffer *small = length < (*slot)->size ? buffer_of(length) : NULL;
    if (!small)
        return false;
    memcpy(small->bytes, (*slot)->bytes + start, length);
    drop_buffer(*slot);
    *slot = small;
    return true;
}

static void shrink_in(struct link *link) {
    size_t length = link->in_end - link->in_start;
    if (length == 0) {
        pool_give(&in_pool, IN_SIZE, &link->in);
        link->in_start = link->in_end = 0;
        return;
    }
    if (!shrink(&link->in, link->in_start, length))
        return;
    link->in_start = 0;
    link->in_end = length;
}

static void shrink_out(struct link *link) {
    size_t length = link->out_end - link->out_start;
    if (!shrink(&link->out, link->out_start, length))
        return;
    link->out_safe -= link->out_start;
    link->out_start = 0;
    link->out_end = length;
}

static void drop_spare(struct pool *pool) {
    while (pool->spare) {
        struct buffer *buffer = pool->spare;
        pool->spare = buffer->next;
        pool->spares--;
        drop_buffer(buffer);
    }
}

void link_shrink(void) {
    drop_spare(&in_pool);
    drop_spare(&out_pool);
    for (int i = 0; i < link_count; i++) {
        struct link *link = links[i];
        if (link->state != OPEN || link->endpoint.domid <= 0)
            continue;
        if (link->in)
            shrink_in(link);
        if (link->out)
            shrink_out(link);
    }
}

unsigned link_reads(int number) {
    struct link *link = get(number);
    return link ? link->reads : 0;
}

void link_shed(void) {
    for (int i = 0; i < link_count; i++)
        if (links[i]->state == OPEN && links[i]->endpoint.domid > 0 && links[i]->out)
            break_link(links[i], LINK_COMM);
}

bool link_export(int from, struct link_state *state) {
    for (int i = from; i < link_count; i++) {
        struct link *link = links[i];
        if (link->state == FREE)
            continue;
        *state = (struct link_state){.link = i, .open = link->state == OPEN};
        if (link->in) {
            state->in = link->in->bytes + link->in_start;
            state->in_length = link->in_end - link->in_start;
        }
        if (link->out) {
            state->out = link->out->bytes + link->out_start;
            state->out_length = link->out_end - link->out_start;
        }
        return true;
    }
    return false;
}

bool link_number(int number) {
    while (link_count <= number) {
        struct link *link = new_link();
        if (!link)
            return false;
        link->next_free = first_free;
        first_free = link->number;
    }
    /* To the front of the list of those that are free. */
    for (int *at = &first_free; *at >= 0; at = &links[*at]->next_free) {
        if (*at != number)
            continue;
        *at = links[number]->next_free;
        links[number]->next_free = first_free;
        first_free = number;
        return true;
    }
    return false;
}

bool link_import(const struct link_state *state) {
    struct link *link = get(state->link);
    if (!link || state->in_length > IN_SIZE || state->out_length > OUT_MOST)
        return false;
    if (state->in_length) {
        link->in = pool_take(&in_pool, IN_SIZE);
        if (!link->in)
            return false;
        memcpy(link->in->bytes, state->in, state->in_length);
        link->in_end = state->in_length;
    }
    if (state->out_length) {
        link->out = buffer_of(state->out_length > OUT_SIZE ? OUT_MOST : OUT_SIZE);
        if (!link->out)
            return false;
        memcpy(link->out->bytes, state->out, state->out_length);
        link->out_end = link->out_safe = state->out_length;
        enter(DIRTY, link);
    }
    if (!state->open)
        break_link(link, LINK_COMM);
    enter(CIRCLE, link);
    return true;
}
