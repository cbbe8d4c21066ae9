#include "link_internal.h"
#include "stubdom/trace/packets.h"
#include <string.h>
#include <xen/io/xs_wire.h>

static unsigned long found_late;

/* `put` bytes of the buffer have gone. Another process needs to know where a message begins. */
static COLD void went(struct link *link, size_t put) {
    size_t at = link->out_start, left = put;
    while (left > link->out_begun) {
        struct header header;
        left -= link->out_begun;
        at += link->out_begun;
        memcpy(&header, link->out->bytes + at, HEADER_SIZE);
        link->out_begun = HEADER_SIZE + header.length;
    }
    link->out_begun -= left;
    link->out_start += put;
    link->reads++;
}

/* Sends committed output from the buffer; it follows what is staged in the ring. */
static COLD bool empty_out(struct link *link) {
    while (link->out_start < link->out_safe) {
        int put = moved(link, BELOW(link, put)(&link->endpoint, link->out->bytes + link->out_start,
                                               link->out_safe - link->out_start));
        if (UNLIKELY(!put || link->state != OPEN))
            return false;
        went(link, put);
    }
    link->out_end -= link->out_start;
    if (UNLIKELY(link->out_end > 0))
        memmove(link->out->bytes, link->out->bytes + link->out_start, link->out_end);
    else if (link->out)
        pool_give(&link_out_pool, OUT_SIZE, &link->out);
    link->out_start = link->out_safe = 0;
    if (UNLIKELY(link->unheard && !link->out)) {
        link->unheard = false;
        enter(READY, link);
    }
    return true;
}

/* Sends committed output. True: all of it has gone out. */
static ALWAYS_INLINE bool put_out(struct link *link) {
    if (link->endpoint.committed &&
        (!moved(link, BELOW(link, publish)(&link->endpoint)) || link->state != OPEN))
        return false;
    return !link->out || empty_out(link);
}

bool link_put_waiting(struct link *link) {
    return put_out(link);
}

static COLD bool memory_is_scarce(void) {
    return link_memory_scarce || (link_memory_is_scarce && link_memory_is_scarce());
}

/* Makes room for `size` more bytes of output. */
static COLD bool make_out_room(struct link *link, size_t size) {
    if (!link_put_waiting(link))
        return false;
    if (!link->out || link->out_end + size <= link->out->size)
        return true;
    size_t wanted = link->out->size < OUT_SIZE ? OUT_SIZE : 4 * link->out->size;
    size_t most = link->endpoint.domid > 0 ? OUT_SIZE : OUT_MOST;
    if (memory_is_scarce()) {
        most = OUT_SIZE;
        wanted = 2 * (link->out_end + size) < most ? 2 * (link->out_end + size) : most;
    }
    if (link->out_end + size > wanted || wanted > most || is_little(link))
        return false;
    struct buffer *more = link_buffer_new(wanted);
    if (!more)
        return false;
    memcpy(more->bytes, link->out->bytes, link->out_end);
    pool_give(&link_out_pool, OUT_SIZE, &link->out);
    link->out = more;
    return true;
}

/* Stages a message in the link's buffer. False: no room or no memory, or the link broke. */
static COLD bool keep(struct link *link, const struct header *header, const void *payload) {
    size_t size = HEADER_SIZE + header->length;
    if (link->out && link->out_end + size > link->out->size && !make_out_room(link, size)) {
        link->refused = link->state == OPEN;
        return false;
    }
    /* Where memory is scarce, as little as there must be: an event can go to hundreds of links. A
     * spare buffer is there anyway. */
    bool little = !link->out && !link_out_pool.spare && memory_is_scarce();
    if (!link->out &&
        !(link->out = little ? link_buffer_new(size) : pool_take(&link_out_pool, OUT_SIZE))) {
        link->refused = true;
        link_raise_event(link, EVENT_ROOM); /* no memory now: try again */
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
        return true; /* as if sent: there is no reader */
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
    while (link_lists[STAGED].first) {
        struct link *link = leave(STAGED);
        link->out_safe = link->out_end;
        link->endpoint.committed = link->endpoint.staged;
        if (link->leaving)
            link_close(link->number);
    }
}

void link_discard(void) {
    while (link_lists[STAGED].first) {
        struct link *link = leave(STAGED);
        link->leaving = false;
        link->out_end = link->out_safe;
        link->endpoint.staged = link->endpoint.committed;
        if (link->out && link->out_end == 0)
            pool_give(&link_out_pool, OUT_SIZE, &link->out);
    }
}

ALWAYS_INLINE void link_flush(void) {
    for (struct link *link; (link = link_lists[DIRTY].first);) {
        if (link->state == OPEN)
            put_out(link);
        if (UNLIKELY(link->refused) && link->state == OPEN && !link->out) {
            link->refused = false;
            link_raise_event(link, EVENT_ROOM);
        }
        /* Also for a broken link, so that the peer sees the error. */
        if (link->dirty && link->state != FREE)
            BELOW(link, notify)(&link->endpoint);
        link->dirty = false;
        leave(DIRTY);
        enter(MOVED, link);
    }
}

/* Checks a link for requests, which make it ready, and for room, which makes it flush. True: there
 * was one of them. */
static ALWAYS_INLINE bool look_at(struct link *link) {
    if (UNLIKELY(link->state != OPEN || !CAN_LOOK(link)))
        return false;
    unsigned news = BELOW(link, look)(&link->endpoint, link->out != NULL);
    if (UNLIKELY(news & PEER_WROTE))
        enter(READY, link);
    if (UNLIKELY(news & PEER_READ))
        enter(DIRTY, link);
    return news != 0;
}

ALWAYS_INLINE bool link_look(void) {
    /* Our indexes must be visible before we read the peers' again. */
    if (link_lists[MOVED].first)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (link_lists[MOVED].first)
        look_at(leave(MOVED));
    return link_has_events() || link_lists[DIRTY].first;
}

void link_look_at_all(void) {
    for (int i = 0; i < link_count; i++) {
        bool known = links[i]->in_list[READY] || links[i]->in_list[BACK] ||
                     links[i]->in_list[DIRTY] || links[i]->flow_controlled;
        if (look_at(links[i]) && !known)
            found_late++;
    }
}

unsigned long link_found_late(void) {
    return found_late;
}
