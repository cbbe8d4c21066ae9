#include "link_internal.h"
#include "link_ready.h"
#include "packets.h"
#include <stdlib.h>
#include <string.h>

/* Where memory is scarce, parts of guests' messages take so many bytes more in a turn, and each so
 * many at first. */
#define GROWN_MOST (8 * MESSAGE_MAX)
#define GROWN_STEP 256

/* The first of them are hot. */
static struct link *few_pointers[64] HOT_DATA;
static struct link few_links[4] HOT_DATA;
struct link **links HOT_DATA;
int link_count HOT_DATA;
static int link_room;
int link_first_free = -1;
struct list link_lists[LISTS] HOT_DATA;
static struct traffic closed_traffic;
static int suspects HOT_DATA;
/* The link whose message link_next() returned last. It keeps its buffer, until that is another. */
static struct link *served HOT_DATA;

static bool grow(void) {
    int room = link_room ? 2 * link_room : (int)(sizeof(few_pointers) / sizeof(*few_pointers));
    struct link **more = link_room ? malloc(room * sizeof(*links)) : few_pointers;
    if (!more)
        return false;
    for (int i = 0; i < LISTS && !link_room; i++)
        link_lists[i].end = &link_lists[i].first;
    if (link_count)
        memcpy(more, links, link_count * sizeof(*links));
    if (links != few_pointers)
        free(links);
    links = more;
    link_room = room;
    return true;
}

struct link *link_new(void) {
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

int link_add(const struct transport *transport, const struct endpoint *endpoint) {
    int number = link_first_free;
    struct link *link;
    if (number >= 0) {
        link = links[number];
        link_first_free = link->next_free;
    } else {
        link = link_new();
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

void link_traffic_closed(const struct link *link) {
    add_traffic(&closed_traffic, &link->traffic);
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

void link_guard(int number, bool on) {
    struct link *link = get(number);
    if (link)
        link->guarded = on;
}

static COLD enum link_next none(void) {
    link_turn_ended();
    return NEXT_NONE;
}

static ALWAYS_INLINE void release_in(struct link *link) {
    if (link->in && link->in_start == link->in_end)
        pool_give(&link_in_pool, IN_SIZE, &link->in);
}

/* A buffer for part of a guest's message while memory is scarce. NULL: they have grown enough in
 * this turn. */
static COLD struct buffer *small_buffer(size_t size) {
    if (link_work.grown + size > GROWN_MOST)
        return NULL;
    link_work.grown += size;
    return link_buffer_new(size);
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

/* Room for a whole message behind what is there already. */
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
        if (UNLIKELY(link->state != OPEN || (link_work.wary && link->in_list[BACK])))
            return false;
        if (UNLIKELY(!make_room(link))) {
            /* No memory now. It is tried again in another turn, in which the program gives some up.
             */
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

/* As receive(), for a message that may be to stand back. */
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
    /* What happened to a link is known before it is served. */
    while (is_any_ready() && !has_raised()) {
        uint64_t now = packets_ticks();
        bool back = back_is_due(now);
        /* What was answered does not wait for a message that takes long. */
        if (turn_ended(now) || (back && link_work.others))
            return none();
        struct link *link = UNLIKELY(back) ? link_leave_back(now) : leave(CIRCLE);
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

size_t link_memory(void) {
    size_t spare = link_in_pool.spares * IN_SIZE + link_out_pool.spares * OUT_SIZE;
    return *link_all_buffers - spare + link_room * sizeof(*links) +
           link_count * sizeof(struct link);
}

unsigned link_reads(int number) {
    struct link *link = get(number);
    return link ? link->reads : 0;
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
        struct link *link = link_new();
        if (!link)
            return false;
        link->next_free = link_first_free;
        link_first_free = link->number;
    }
    /* To the front of the list of those that are free. */
    for (int *at = &link_first_free; *at >= 0; at = &links[*at]->next_free) {
        if (*at != number)
            continue;
        *at = links[number]->next_free;
        links[number]->next_free = link_first_free;
        link_first_free = number;
        return true;
    }
    return false;
}

bool link_import(const struct link_state *state) {
    struct link *link = get(state->link);
    if (!link || state->in_length > IN_SIZE || state->out_length > OUT_MOST)
        return false;
    if (state->in_length) {
        link->in = pool_take(&link_in_pool, IN_SIZE);
        if (!link->in)
            return false;
        memcpy(link->in->bytes, state->in, state->in_length);
        link->in_end = state->in_length;
    }
    if (state->out_length) {
        link->out = link_buffer_new(state->out_length > OUT_SIZE ? OUT_MOST : OUT_SIZE);
        if (!link->out)
            return false;
        memcpy(link->out->bytes, state->out, state->out_length);
        link->out_end = link->out_safe = state->out_length;
        enter(DIRTY, link);
    }
    if (!state->open)
        link_break(link, LINK_COMM);
    enter(CIRCLE, link);
    return true;
}
