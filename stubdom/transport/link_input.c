#include "link_internal.h"
#include "link_ready.h"
#include "stubdom/trace/packets.h"
#include <string.h>

/* Bytes, while memory is scarce: what buffers for partial messages may grow by in one turn, all
 * together; and a partial message's first step. */
#define GROWN_MOST (8 * MESSAGE_MAX)
#define GROWN_STEP 256

static int poisoned_links HOT_DATA;
/* The link of the last message. It keeps its input buffer until another link is served. */
static struct link *served HOT_DATA;

static COLD enum link_next none(void) {
    link_turn_ended();
    return NEXT_NONE;
}

static ALWAYS_INLINE void release_in(struct link *link) {
    if (link->in && link->in_start == link->in_end)
        pool_give(&link_in_pool, IN_SIZE, &link->in);
}

/* A buffer for a partial message while memory is scarce. NULL: no memory, or GROWN_MOST is used. */
static COLD struct buffer *small_buffer(size_t size) {
    if (link_work.grown + size > GROWN_MOST)
        return NULL;
    link_work.grown += size;
    return link_buffer_new(size);
}

/* Replaces a buffer that shrink_in() made by one of IN_SIZE; or, while memory is scarce, by one
 * that grows with the message. */
static COLD bool widen_in(struct link *link) {
    size_t length = link->in_end - link->in_start, size = HEADER_SIZE;
    if (length >= HEADER_SIZE) {
        struct header header;
        memcpy(&header, link->in->bytes + link->in_start, HEADER_SIZE);
        size = HEADER_SIZE + header.length;
        if (size > 2 * length + GROWN_STEP)
            size = 2 * length + GROWN_STEP;
    }
    struct buffer *wide = is_little(link) ? small_buffer(size) : pool_take(&link_in_pool, IN_SIZE);
    if (!wide)
        return false;
    memcpy(wide->bytes, link->in->bytes + link->in_start, length);
    link->in_end = length;
    link->in_start = 0;
    link_buffer_drop(link->in);
    link->in = wide;
    return true;
}

/* Makes room for a whole message behind the present contents. False: no memory. */
static ALWAYS_INLINE bool make_room(struct link *link) {
    if (link->in_start == link->in_end) {
        link->in_start = link->in_end = 0;
        if (UNLIKELY(link->in && link->in->size != IN_SIZE))
            pool_give(&link_in_pool, IN_SIZE, &link->in);
        if (UNLIKELY(is_little(link)))
            return link->in || (link->in = small_buffer(HEADER_SIZE));
        return link->in || (link->in = pool_take(&link_in_pool, IN_SIZE));
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
        link_break(link, LINK_PROTOCOL);
        return false;
    }
    if (length < HEADER_SIZE + message->header.length)
        return false;
    if (UNLIKELY(link_work.wary) && link_stands_back(link, &message->header))
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

/* The missing bytes of the present message, or of its header. */
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
        if (UNLIKELY(link->state != OPEN || (link_work.wary && link->in_list[BACK])))
            return false;
        if (UNLIKELY(!make_room(link))) {
            /* No memory. The event leads to a turn, in which the program frees some. */
            link_raise_event(link, EVENT_ROOM);
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

/* As receive(), but a message that may take long can make its link stand back. */
static ALWAYS_INLINE bool receive_warily(struct link *link, struct message *message, uint64_t now) {
    link_work.wary =
        UNLIKELY(is_before(now, link_work.wary_until)) && !link->due && link->endpoint.domid > 0;
    bool received = receive(link, message);
    link_work.wary = false;
    link->due = false;
    return received;
}

bool link_receive(int number, struct message *message) {
    struct link *link = get(number);
    return link && link->state == OPEN && receive_warily(link, message, packets_ticks());
}

ALWAYS_INLINE enum link_next link_next(int *number, struct message *message) {
    /* The program takes events of links before it serves their messages. */
    while (is_any_ready() && !has_raised()) {
        uint64_t now = packets_ticks();
        bool back = back_is_due(now);
        /* End the turn before a message that may take long, so that replies go out first. */
        if (turn_ended(now) || (back && link_work.others))
            return none();
        struct link *link = UNLIKELY(back) ? link_leave_back(now) : leave(READY);
        if (UNLIKELY(is_before(now, link->back_until)) && !back && !link->due) {
            enter(BACK, link);
            continue;
        }
        *number = link->number;
        if (UNLIKELY(back))
            link->due = true;
        if (UNLIKELY(link->state != OPEN))
            continue;
        /* While memory is scarce, a guest must read its reply before its next request is taken.
         * empty_out() then puts the link into the ready queue. */
        if (UNLIKELY(is_little(link) && link->out)) {
            link->unheard = true;
            continue;
        }
        if (UNLIKELY(link->flow_controlled)) {
            /* From here on the time counts for this link. */
            packets_ticks_now();
            take_up(link);
            return NEXT_FLOW_CONTROLLED;
        }
        if (UNLIKELY(!receive_warily(link, message, now)))
            continue;
        if (UNLIKELY(link->in_start < link->in_end || !link->endpoint.drained))
            enter(READY, link);
        /* The message in its buffer was served. */
        if (UNLIKELY(served != link && served))
            release_in(served);
        served = link;
        link_work.others |= !back;
        return NEXT_MESSAGE;
    }
    return none();
}

const char *link_last(int number, size_t size) {
    struct link *link = get(number);
    if (!link || link->state != OPEN || !link->in || link->in_start < size)
        return NULL;
    return link->in->bytes + link->in_start - size;
}

bool link_requeue(int number, size_t size) {
    if (!link_last(number, size) || links[number]->poisoned)
        return false;
    struct link *link = links[number];
    link->in_start -= size;
    link->poisoned = true;
    poisoned_links++;
    enter(READY, link);
    return true;
}

static COLD void clear_poisoned(int number) {
    if (number < 0 || number >= link_count || !links[number]->poisoned)
        return;
    links[number]->poisoned = false;
    poisoned_links--;
}

ALWAYS_INLINE void link_served(int number) {
    if (poisoned_links > 0)
        clear_poisoned(number);
}
