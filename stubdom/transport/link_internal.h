/*
 * Private to the files link*.c: a link's fields, the lists of links, and the functions that each
 * message passes, inlined. link.c has the table of links, link_buffers.c their memory, link_ready.c
 * the order in which they are served, link_input.c and link_output.c the bytes, link_close.c the
 * end of a link, link_handover.c the state for another process.
 */
#ifndef STUBDOM_LINK_INTERNAL_H
#define STUBDOM_LINK_INTERNAL_H

#include "link.h"
#include "engine/compiler.h"

/* Bytes. Input: room for a message of the largest size behind the rest of another. */
#define IN_SIZE (2 * MESSAGE_MAX)
/* Output: several replies go out in one put. */
#define OUT_SIZE (4 * MESSAGE_MAX)
/* What a request scope sends goes out only after its commit, so the output buffer of a privileged
 * client may grow to this size. A guest's may not. */
#define OUT_MOST (16 * OUT_SIZE)
#define SPARE_BUFFERS 8

struct buffer {
    struct buffer *next; /* in the pool */
    size_t size;
    char bytes[]; /* `size`, and LINK_SLACK more */
};

/* Spare buffers of one size, IN_SIZE or OUT_SIZE. */
struct pool {
    struct buffer *spare;
    unsigned spares; /* their number, at most SPARE_BUFFERS */
};

enum state { FREE, OPEN, BROKEN };

/* Lists of links, first in, first out. */
enum list_kind {
    EVENTS, /* with raised events */
    READY,  /* with unread messages: the ready queue */
    BACK,   /* the same, for links that stand back (link_ready.h) */
    DIRTY,  /* to flush */
    MOVED,  /* flushed since link_look() */
    STAGED, /* with staged output, or to be closed at the commit point */
    LISTS
};

struct link {
    const struct transport *transport;
    struct endpoint endpoint;
    int number;
    enum state state;
    bool in_list[LISTS];
    bool flow_controlled; /* the program decides each time whether it is read */
    bool dirty;           /* bytes moved since the last notification */
    bool refused;         /* a send was refused: EVENT_ROOM must follow */
    bool leaving;         /* to be closed at the commit point */
    bool poisoned;        /* its next message made the program fail once */
    bool breaking;        /* link_break() sends its last output */
    bool claimed;         /* the restarted program knows it */
    bool greedy;          /* not modest (link_set_modest()) */
    bool due;             /* it has stood back: its next message is served */
    bool unheard;         /* it has input, which is not read before its output is (is_little()) */
    bool events[EVENT_DOMAINS]; /* raised and not taken yet, by kind */
    struct link *next[LISTS];
    uint64_t back_until;     /* ticks: it stands back until then */
    uint64_t took;           /* ticks that its long messages took meanwhile */
    unsigned doubled;        /* how often its time to stand back was doubled */
    unsigned reads;          /* link_reads() */
    struct buffer *in, *out; /* NULL: empty */
    size_t in_start, in_end, out_start, out_end;
    size_t out_safe;  /* output from here to out_end is staged, not committed */
    size_t out_begun; /* bytes behind out_start of a message whose first bytes have gone */
    struct traffic traffic;
    int next_free; /* number of the next free link; -1: none */
};

/* An image has rings only, so the calls are direct and can be inlined. */
#ifdef __XEN_STUB__
#include "ring_transport.h"
#define BELOW(link, name) ring_transport_##name
#define CAN_STAGE(link) true
#define CAN_LOOK(link) true
#define UNREAD(link) 0
#else
#define BELOW(link, name) (link)->transport->name
#define CAN_STAGE(link) ((link)->transport->stage != NULL)
#define CAN_LOOK(link) ((link)->transport->look != NULL)
#define UNREAD(link) ((link)->transport->unread ? (link)->transport->unread(&(link)->endpoint) : 0)
#endif

/* --- the table of links --- */

extern struct link **links; /* by number; a link never moves */
extern int link_count;
extern int link_first_free; /* -1: none */
/* Makes the link of the next number, link_count. */
struct link *link_new(void);
/* Adds the counts of a closed link to the sums. */
void link_traffic_closed(const struct link *link);

static ALWAYS_INLINE struct link *get(int number) {
    if ((unsigned)number >= (unsigned)link_count || links[number]->state == FREE)
        return NULL;
    return links[number];
}

/* --- lists and events --- */

/* `end` points to where the next link is stored. grow() in link.c initializes it. */
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

/* Removes the oldest link; the list must not be empty. */
static ALWAYS_INLINE struct link *leave(enum list_kind list) {
    struct link *link = link_lists[list].first;
    link_lists[list].first = link->next[list];
    if (!link_lists[list].first)
        link_lists[list].end = &link_lists[list].first;
    link->in_list[list] = false;
    return link;
}

/* Raises an event of a link, for link_events(). */
void link_raise_event(struct link *link, enum event_kind kind);

static ALWAYS_INLINE void mark_dirty(struct link *link) {
    link->dirty = true;
    enter(DIRTY, link);
}

/* --- buffers --- */

extern struct pool link_in_pool, link_out_pool;
struct buffer *link_buffer_new(size_t size);
void link_buffer_drop(struct buffer *buffer);
/* Drops partial input and all output. */
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

/* Whether the link must use as little memory as possible. */
static ALWAYS_INLINE bool is_little(const struct link *link) {
    return link_memory_scarce && link->endpoint.domid > 0;
}

/* --- bytes --- */

/* Shows the peer an error and raises EVENT_BROKEN. */
void link_break(struct link *link, enum link_error error);
/* link_restarted() */
void link_start_anew(struct link *link);
/* Handles a result of the transport that is no number of bytes. */
void link_not_moved(struct link *link, int result);
/* put_out() of link_output.c, not inlined. */
bool link_put_waiting(struct link *link);

/* Handles the result of `take`, `put` or `publish`: the bytes moved, or 0 if there were none. */
static ALWAYS_INLINE int moved(struct link *link, int result) {
    if (result <= 0) {
        link_not_moved(link, result);
        return 0;
    }
    mark_dirty(link);
    return result;
}

#endif
