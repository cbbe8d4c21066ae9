#include "link_internal.h"
#include <string.h>

COLD void link_break(struct link *link, enum link_error error) {
    if (link->state != OPEN)
        return;
    /* Send earlier replies first: a client may have shut down its sending side and still read. */
    if ((link->out || link->endpoint.committed) && !link->breaking) {
        link->breaking = true;
        link_put_waiting(link);
        if (link->state != OPEN)
            return;
    }
    link->state = BROKEN;
    link_drop_buffers(link);
    BELOW(link, shut)(&link->endpoint, error);
    link_raise_event(link, EVENT_BROKEN);
}

void link_shut(int number, enum link_error error) {
    struct link *link = get(number);
    if (!link || link->state != OPEN)
        return;
    link_break(link, error);
    link->events[EVENT_BROKEN] = false; /* the caller knows */
}

static void reset(struct link *link) {
    link_drop_buffers(link);
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

COLD void link_start_anew(struct link *link) {
    reset(link);
    link_raise_event(link, EVENT_RESET);
    enter(READY, link);
}

void link_restarted(int number) {
    struct link *link = get(number);
    if (link)
        link_start_anew(link);
}

void link_announce(int number) {
    struct link *link = get(number);
    if (!link)
        return;
    BELOW(link, announce)(&link->endpoint);
    mark_dirty(link);
    /* There may be requests already. */
    enter(READY, link);
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
    link_drop_buffers(link);
    BELOW(link, close)(&link->endpoint);
    link_served(number);
    link_traffic_closed(link);
    link->state = FREE;
    memset(link->events, 0, sizeof(link->events));
    link->next_free = link_first_free;
    link_first_free = number;
}

void link_shed(void) {
    for (int i = 0; i < link_count; i++)
        if (links[i]->state == OPEN && links[i]->endpoint.domid > 0 && links[i]->out)
            link_break(links[i], LINK_COMM);
}

COLD void link_not_moved(struct link *link, int result) {
    if (result == TRANSPORT_RESET)
        link_start_anew(link);
    else if (result < 0)
        link_break(link, -result);
}
