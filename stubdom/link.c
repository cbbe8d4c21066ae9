#include "link.h"
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

struct buffer {
    struct buffer *next; /* among the spare ones */
    size_t size;
    char bytes[];
};

struct pool {
    size_t size;
    struct buffer *spare;
    unsigned spares;
};

enum state { FREE, OPEN, BROKEN };

/* Each message passes these. A call leads to another page most often, and so does its end: in a
 * domain that was away both have to be found again. */
#define IN_PLACE inline __attribute__((always_inline))

struct link {
    const struct transport *transport;
    struct endpoint endpoint;
    struct buffer *in, *out;
    size_t in_start, in_end, out_start, out_end;
    size_t out_safe; /* what is behind it is staged: it goes out when it counts */
    struct traffic traffic;
    enum state state;
    int next_free;
    bool breaking;
    bool dirty;                 /* bytes moved since the last notify */
    bool refused;               /* a send was refused: ROOM is owed when there is room */
    bool guarded;               /* the daemon decides each time whether it is read */
    bool circling;              /* in the circle */
    bool events[EVENT_DOMAINS]; /* raised and not taken yet, by kind */
    bool queued;                /* in the list of links with raised events */
    bool flushing;              /* in the list of links to flush */
    bool staging;               /* in the list of links with something staged */
    bool leaving;               /* closed when that counts */
    bool claimed;               /* the program that starts anew knows it */
    bool suspect;               /* its next message made the program fail once */
};

static struct pool in_pool = {.size = IN_SIZE}, out_pool = {.size = OUT_SIZE};
static size_t held;

static struct link **links; /* each at an address that stays */
static int link_count, link_room;
static int first_free = -1;
static int *queue; /* links with raised events, oldest first; room for every link */
static int queue_length;
static int *circle; /* links with news, in turn; room for every link, which is a power of two */
static int circle_start, circle_length;
static int *dirty; /* links to flush; room for every link */
static int dirty_length;
static int *staging; /* links with something staged; room for every link */
static int staging_length;
static int suspects;
static int served = -1;          /* whose message link_next() returned last */
static bool raised[EVENT_KINDS]; /* of those that are no link's */
static struct traffic closed_traffic;

static struct buffer *buffer_of(size_t size) {
    struct buffer *buffer = malloc(sizeof(*buffer) + size);
    if (buffer) {
        buffer->size = size;
        held += size;
    }
    return buffer;
}

static IN_PLACE struct buffer *pool_take(struct pool *pool) {
    struct buffer *buffer = pool->spare;
    if (buffer) {
        pool->spare = buffer->next;
        pool->spares--;
        held += buffer->size;
        return buffer;
    }
    return buffer_of(pool->size);
}

static IN_PLACE void pool_give(struct pool *pool, struct buffer **slot) {
    struct buffer *buffer = *slot;
    if (!buffer)
        return;
    *slot = NULL;
    held -= buffer->size;
    if (pool->spares == SPARE_BUFFERS || buffer->size != pool->size) {
        free(buffer);
        return;
    }
    buffer->next = pool->spare;
    pool->spare = buffer;
    pool->spares++;
}

static bool grow(void) {
    int room = link_room ? 2 * link_room : 64;
    struct link **more = realloc(links, room * sizeof(*links));
    if (more)
        links = more;
    int *more_queue = realloc(queue, room * sizeof(*queue));
    if (more_queue)
        queue = more_queue;
    int *more_dirty = realloc(dirty, room * sizeof(*dirty));
    if (more_dirty)
        dirty = more_dirty;
    int *more_staging = realloc(staging, room * sizeof(*staging));
    if (more_staging)
        staging = more_staging;
    int *more_circle = malloc(room * sizeof(*circle));
    if (!more || !more_queue || !more_dirty || !more_staging || !more_circle) {
        free(more_circle);
        return false;
    }
    for (int i = 0; i < circle_length; i++)
        more_circle[i] = circle[(circle_start + i) & (link_room - 1)];
    free(circle);
    circle = more_circle;
    circle_start = 0;
    link_room = room;
    return true;
}

static struct link *get(int number) {
    if (number < 0 || number >= link_count || links[number]->state == FREE)
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
        number = link_count;
        if (link_count == link_room && !grow())
            return -1;
        link = calloc(1, sizeof(*link));
        if (!link)
            return -1;
        links[link_count++] = link;
    }
    /* The number may still stand in a list from its last life. */
    *link = (struct link){.transport = transport,
                          .endpoint = *endpoint,
                          .state = OPEN,
                          .queued = link->queued,
                          .circling = link->circling,
                          .flushing = link->flushing,
                          .staging = link->staging};
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
    *out = link ? link->out_end - link->out_start : 0;
}

static void raise_event(int number, enum event_kind kind) {
    struct link *link = links[number];
    link->events[kind] = true;
    if (!link->queued) {
        link->queued = true;
        queue[queue_length++] = number;
    }
}

void link_raise(enum event_kind kind) {
    if (kind >= EVENT_DOMAINS)
        raised[kind] = true;
}

static IN_PLACE void plan_flush(int number) {
    struct link *link = links[number];
    if (!link->flushing) {
        link->flushing = true;
        dirty[dirty_length++] = number;
    }
}

static IN_PLACE void mark_dirty(int number) {
    links[number]->dirty = true;
    plan_flush(number);
}

static IN_PLACE void enter_circle(int number) {
    struct link *link = links[number];
    if (link->circling)
        return;
    link->circling = true;
    circle[(circle_start + circle_length++) & (link_room - 1)] = number;
}

void link_wake(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    enter_circle(number);
    if (link->out)
        plan_flush(number);
}

void link_guard(int number, bool on) {
    struct link *link = get(number);
    if (link)
        link->guarded = on;
}

void link_connected(int number) {
    raise_event(number, EVENT_CONNECTED);
    enter_circle(number);
}

static bool has_raised(void) {
    return queue_length > 0 || raised[EVENT_DOMAINS] || raised[EVENT_TREE];
}

bool link_has_events(void) {
    return circle_length > 0 || has_raised();
}

int link_events(int32_t *pairs, int most) {
    static const enum event_kind order[] = {EVENT_CONNECTED, EVENT_RESET, EVENT_BROKEN, EVENT_ROOM};
    int count = 0, done = 0;

    for (enum event_kind kind = EVENT_DOMAINS; kind < EVENT_KINDS; kind++) {
        if (!raised[kind] || count == most)
            continue;
        raised[kind] = false;
        pairs[2 * count] = kind;
        pairs[2 * count++ + 1] = 0;
    }
    for (; done < queue_length && count + 4 <= most; done++) {
        struct link *link = links[queue[done]];
        link->queued = false;
        for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
            if (link->state == FREE || !link->events[order[i]])
                continue;
            link->events[order[i]] = false;
            pairs[2 * count] = order[i];
            pairs[2 * count++ + 1] = queue[done];
        }
    }
    memmove(queue, queue + done, (queue_length - done) * sizeof(*queue));
    queue_length -= done;
    return count;
}

static void drop_buffers(struct link *link) {
    pool_give(&in_pool, &link->in);
    pool_give(&out_pool, &link->out);
    link->in_start = link->in_end = link->out_start = link->out_end = link->out_safe = 0;
    link->refused = false;
}

static bool put_waiting(int number);

static void break_link(int number, enum link_error error) {
    struct link *link = links[number];
    if (link->state != OPEN)
        return;
    /* What was answered before goes out first: a client may end its side and still read. */
    if (link->out && !link->breaking) {
        link->breaking = true;
        put_waiting(number);
        if (link->state != OPEN)
            return;
    }
    link->state = BROKEN;
    drop_buffers(link);
    link->transport->shut(&link->endpoint, error);
    raise_event(number, EVENT_BROKEN);
}

void link_shut(int number, enum link_error error) {
    struct link *link = get(number);
    if (!link || link->state != OPEN)
        return;
    break_link(number, error);
    link->events[EVENT_BROKEN] = false; /* the caller knows */
}

void link_reset(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    drop_buffers(link);
    link->state = OPEN;
    link->events[EVENT_BROKEN] = false;
    link->transport->reset(&link->endpoint);
    mark_dirty(number);
}

void link_restarted(int number) {
    if (!get(number))
        return;
    link_reset(number);
    raise_event(number, EVENT_RESET);
    enter_circle(number);
}

void link_announce(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    link->transport->announce(&link->endpoint);
    mark_dirty(number);
    /* There may be requests already. */
    enter_circle(number);
}

void link_set_features(int number, uint32_t mask) {
    struct link *link = get(number);
    if (link)
        link->transport->set_features(&link->endpoint, mask);
}

void link_close(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    drop_buffers(link);
    link->transport->close(&link->endpoint);
    link_served(number);
    add_traffic(&closed_traffic, &link->traffic);
    link->state = FREE;
    memset(link->events, 0, sizeof(link->events));
    link->next_free = first_free;
    first_free = number;
}

/* Moves bytes with one call of the transport; 0 when there was anything but bytes. */
static int moved(int number, int result) {
    if (result > 0)
        mark_dirty(number);
    if (result >= 0)
        return result;
    if (result == TRANSPORT_RESET)
        link_restarted(number);
    else
        break_link(number, -result);
    return 0;
}

/* Room for a whole message behind what is there already. */
static IN_PLACE bool make_room(struct link *link) {
    if (!link->in)
        link->in = pool_take(&in_pool);
    if (!link->in)
        return false;
    if (link->in_start > IN_SIZE - MESSAGE_MAX) {
        memmove(link->in->bytes, link->in->bytes + link->in_start, link->in_end - link->in_start);
        link->in_end -= link->in_start;
        link->in_start = 0;
    }
    return true;
}

static bool whole_message(int number, struct message *message) {
    struct link *link = links[number];
    size_t length = link->in_end - link->in_start;
    if (length < HEADER_SIZE)
        return false;
    const char *start = link->in->bytes + link->in_start;
    memcpy(&message->header, start, HEADER_SIZE);
    if (message->header.length > PAYLOAD_MAX) {
        break_link(number, LINK_PROTOCOL);
        return false;
    }
    if (length < HEADER_SIZE + message->header.length)
        return false;
    message->payload = start + HEADER_SIZE;
    link->in_start += HEADER_SIZE + message->header.length;
    packets_in(number, link->endpoint.domid, &message->header, message->payload);
    link->traffic.requests++;
    link->traffic.last_type = message->header.type;
    link->traffic.last_ticks = packets_ticks();
    return true;
}

static IN_PLACE void release_in(struct link *link) {
    if (link->in && link->in_start == link->in_end)
        pool_give(&in_pool, &link->in);
}

bool link_receive(int number, struct message *message) {
    struct link *link = get(number);
    if (!link || link->state != OPEN)
        return false;
    for (;;) {
        if (link->in && whole_message(number, message))
            return true;
        if (link->state != OPEN)
            return false;
        if (link->in_start == link->in_end) {
            link->in_start = link->in_end = 0;
            if (!link->in && !make_room(link)) {
                enter_circle(number); /* no memory now: try again */
                return false;
            }
        } else if (!make_room(link)) {
            return false;
        }
        int taken =
            moved(number, link->transport->take(&link->endpoint, link->in->bytes + link->in_end,
                                                IN_SIZE - link->in_end));
        if (link->state != OPEN || taken == 0) {
            release_in(link);
            return false;
        }
        link->in_end += taken;
    }
}

enum link_next link_next(int *number, struct message *message) {
    /* The last message was in it, and was served. */
    if (served >= 0) {
        release_in(links[served]);
        served = -1;
    }
    /* What happened to a link is known before it is served. */
    while (circle_length > 0 && !has_raised()) {
        int first = circle[circle_start];
        struct link *link = links[first];
        circle_start = (circle_start + 1) & (link_room - 1);
        circle_length--;
        link->circling = false;
        *number = first;
        if (link->state != OPEN)
            continue;
        if (link->guarded)
            return NEXT_GUARDED;
        if (link_receive(first, message)) {
            if (link->in_start < link->in_end || !link->endpoint.drained)
                enter_circle(first);
            served = first;
            return NEXT_MESSAGE;
        }
    }
    return NEXT_NONE;
}

/* Puts out what counts. True: none of that waits any more. */
static bool put_waiting(int number) {
    struct link *link = links[number];
    while (link->out_start < link->out_safe) {
        int put =
            moved(number, link->transport->put(&link->endpoint, link->out->bytes + link->out_start,
                                               link->out_safe - link->out_start));
        if (!put || link->state != OPEN)
            return false;
        link->out_start += put;
    }
    link->out_end -= link->out_start;
    if (link->out_end > 0)
        memmove(link->out->bytes, link->out->bytes + link->out_start, link->out_end);
    else
        pool_give(&out_pool, &link->out);
    link->out_start = link->out_safe = 0;
    return true;
}

static IN_PLACE void stage(int number) {
    struct link *link = links[number];
    if (!link->staging) {
        link->staging = true;
        staging[staging_length++] = number;
    }
}

/* Room for so many bytes more behind what is there. */
static bool make_out_room(int number, size_t size) {
    struct link *link = links[number];
    if (!put_waiting(number))
        return false;
    if (link->out_end + size <= OUT_SIZE)
        return true;
    if (!link->out || link->endpoint.domid > 0 || link->out->size >= OUT_MOST)
        return false;
    if (link->out_end + size <= link->out->size)
        return true;
    struct buffer *more = buffer_of(4 * link->out->size);
    if (!more)
        return false;
    memcpy(more->bytes, link->out->bytes, link->out_end);
    pool_give(&out_pool, &link->out);
    link->out = more;
    return true;
}

bool link_send(int number, const struct header *header, const void *payload) {
    struct link *link = get(number);
    size_t size = HEADER_SIZE + header->length;

    if (!link || link->state != OPEN)
        return true; /* as if sent: nobody is there to read it */
    size_t room = link->out ? link->out->size : OUT_SIZE;
    if (link->out_end + size > room && !make_out_room(number, size)) {
        link->refused = link->state == OPEN;
        return link->state != OPEN;
    }
    if (!link->out)
        link->out = pool_take(&out_pool);
    if (!link->out) {
        link->refused = true;
        raise_event(number, EVENT_ROOM); /* no memory now: try again */
        return false;
    }
    memcpy(link->out->bytes + link->out_end, header, HEADER_SIZE);
    memcpy(link->out->bytes + link->out_end + HEADER_SIZE, payload, header->length);
    link->out_end += size;
    stage(number);
    packets_out(number, link->endpoint.domid, header, payload);
    if (header->type == XS_WATCH_EVENT)
        link->traffic.events++;
    else
        link->traffic.replies++;
    mark_dirty(number);
    return true;
}

void link_leave(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    link->leaving = true;
    stage(number);
}

void link_commit(void) {
    while (staging_length > 0) {
        int number = staging[--staging_length];
        struct link *link = links[number];
        link->staging = false;
        link->out_safe = link->out_end;
        if (link->leaving)
            link_close(number);
    }
}

void link_discard(void) {
    while (staging_length > 0) {
        int number = staging[--staging_length];
        struct link *link = links[number];
        link->staging = link->leaving = false;
        link->out_end = link->out_safe;
        if (link->out && link->out_end == 0)
            pool_give(&out_pool, &link->out);
    }
}

bool link_unread(int number, size_t size) {
    struct link *link = get(number);
    if (!link || link->suspect || !link->in || link->in_start < size)
        return false;
    link->in_start -= size;
    link->suspect = true;
    suspects++;
    enter_circle(number);
    return true;
}

void link_served(int number) {
    if (suspects == 0 || number < 0 || number >= link_count || !links[number]->suspect)
        return;
    links[number]->suspect = false;
    suspects--;
}

void link_raise_again(const int32_t *pairs, int count) {
    for (int i = 0; i < count; i++) {
        if (pairs[2 * i] >= EVENT_DOMAINS)
            link_raise(pairs[2 * i]);
        else if (get(pairs[2 * i + 1]))
            raise_event(pairs[2 * i + 1], pairs[2 * i]);
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

void link_flush(void) {
    for (int i = 0; i < dirty_length; i++) {
        int number = dirty[i];
        struct link *link = links[number];
        if (link->state == OPEN && link->out)
            put_waiting(number);
        if (link->state == OPEN && link->refused && !link->out) {
            link->refused = false;
            raise_event(number, EVENT_ROOM);
        }
        /* Also a broken link's peer learns of it. */
        if (link->state != FREE && link->dirty)
            link->transport->notify(&link->endpoint);
        link->dirty = false;
        link->flushing = false;
    }
    dirty_length = 0;
}

size_t link_memory(void) {
    return held +
           link_room * (sizeof(*links) + sizeof(*queue) + sizeof(*circle) + sizeof(*dirty) +
                        sizeof(*staging)) +
           link_count * sizeof(struct link);
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
        if (link_count == link_room && !grow())
            return false;
        struct link *link = calloc(1, sizeof(*link));
        if (!link)
            return false;
        link->next_free = first_free;
        first_free = link_count;
        links[link_count++] = link;
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
        link->in = pool_take(&in_pool);
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
        plan_flush(state->link);
    }
    if (!state->open)
        break_link(state->link, LINK_COMM);
    enter_circle(state->link);
    return true;
}
