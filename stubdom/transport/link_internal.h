/*
 * What the files of links share, and nobody else: a link's fields, the queues that links stand in,
 * and what each message passes, compiled into whoever calls it. link.c has the table of links,
 * link_buffers.c their memory, link_ready.c whose turn it is, link_input.c and link_output.c the
 * bytes, link_close.c the end of a link, link_handover.c what another process goes on with.
 */
#ifndef STUBDOM_LINK_INTERNAL_H
#define STUBDOM_LINK_INTERNAL_H

#include "link.h"
#include "engine/compiler.h"

/* Input: one message of the largest size, and more of small ones in one take. */
#define IN_SIZE (2 * MESSAGE_MAX)
/* Output: several replies go out in one put. */
#define OUT_SIZE (4 * MESSAGE_MAX)
/* What one request scope sends cannot go out before it is committed: a client that is trusted gets
 * more room for it, for a while. A guest's own fan-out must not. */
#define OUT_MOST (16 * OUT_SIZE)
#define SPARE_BUFFERS 8

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
    READY,  /* with news, in turn */
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
    bool flow_controlled; /* the daemon decides each time whether it is read */
    bool dirty;           /* bytes moved since the last notify */
    bool refused;         /* a send was refused: ROOM is owed when there is room */
    bool leaving;         /* closed when that is committed */
    bool poisoned;        /* its next message made the program fail once */
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
    size_t out_safe; /* what is behind it is staged: it goes out when it is committed */
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

/* --- the table of links --- */

extern struct link **links; /* each at an address that stays */
extern int link_count;
extern int link_first_free;
/* Where one is for the next number; NULL: there is no memory. */
struct link *link_new(void);
/* What went over a link that is closed stays in the sums. */
void link_traffic_closed(const struct link *link);

static ALWAYS_INLINE struct link *get(int number) {
    if ((unsigned)number >= (unsigned)link_count || links[number]->state == FREE)
        return NULL;
    return links[number];
}

/* --- queues, and what is raised --- */

/* `end` is where the next is noted; there are none before there is a link. */
struct list {
    struct link *first, **end;
};
extern struct list link_lists[LISTS];

static ALWAYS_INLINE void enter(enum list_kind list, struct link *link) {
    if (link->in_list[list])
        return;
    link->in_list[list] = true;
    link->next[list] = NULL;
    *link_lists[list].end = link;
    link_lists[list].end = &link->next[list];
}

/* The oldest, which is there. */
static ALWAYS_INLINE struct link *leave(enum list_kind list) {
    struct link *link = link_lists[list].first;
    link_lists[list].first = link->next[list];
    if (!link_lists[list].first)
        link_lists[list].end = &link_lists[list].first;
    link->in_list[list] = false;
    return link;
}

void link_raise_event(struct link *link, enum event_kind kind);

static ALWAYS_INLINE void mark_dirty(struct link *link) {
    link->dirty = true;
    enter(DIRTY, link);
}

/* --- buffers --- */

extern struct pool link_in_pool, link_out_pool;
/* NULL: no memory. */
struct buffer *link_buffer_new(size_t size);
void link_buffer_drop(struct buffer *buffer);
/* The link has nothing half in or half out any more. */
void link_drop_buffers(struct link *link);

static ALWAYS_INLINE struct buffer *pool_take(struct pool *pool, size_t size) {
    struct buffer *buffer = pool->spare;
    if (UNLIKELY(!buffer))
        return link_buffer_new(size);
    pool->spare = buffer->next;
    pool->spares--;
    return buffer;
}

static ALWAYS_INLINE void pool_give(struct pool *pool, size_t size, struct buffer **slot) {
    struct buffer *buffer = *slot;
    *slot = NULL;
    if (pool->spares == SPARE_BUFFERS || buffer->size != size) {
        link_buffer_drop(buffer);
        return;
    }
    buffer->next = pool->spare;
    pool->spare = buffer;
    pool->spares++;
}

/* Whether a guest's messages are to take as little memory as they can. */
static ALWAYS_INLINE bool is_little(const struct link *link) {
    return link_memory_scarce && link->endpoint.domid > 0;
}

/* --- bytes --- */

void link_break(struct link *link, enum link_error error);
/* The peer wants a new start, and the daemon is told. */
void link_start_anew(struct link *link);
/* A call of the transport moved no byte. */
void link_not_moved(struct link *link, int result);
/* As put_out() in link_output.c, for who seldom needs it. */
bool link_put_waiting(struct link *link);

/* Bytes were moved with one call of the transport; 0 when there was anything but bytes. */
static ALWAYS_INLINE int moved(struct link *link, int result) {
    if (result <= 0) {
        link_not_moved(link, result);
        return 0;
    }
    mark_dirty(link);
    return result;
}

#endif
