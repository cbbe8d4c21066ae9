#include "link_ready.h"
#include <xen/io/xs_wire.h>

struct link_work link_work;
unsigned link_raised HOT_DATA;

static uint64_t took_of(const struct link *link, uint64_t now) {
    return is_before(now, link->back_until) ? link->took : 0;
}

COLD void link_return_from_back(uint64_t now) {
    struct link *one = link_lists[BACK].first;
    link_lists[BACK].first = NULL;
    link_lists[BACK].end = &link_lists[BACK].first;
    while (one) {
        struct link *next = one->next[BACK];
        one->in_list[BACK] = false;
        enter(is_before(now, one->back_until) ? BACK : READY, one);
        one = next;
    }
}

COLD struct link *link_leave_back(uint64_t now) {
    struct link **at = &link_lists[BACK].first;
    for (struct link **one = &(*at)->next[BACK]; *one; one = &(*one)->next[BACK])
        if (took_of(*one, now) < took_of(*at, now))
            at = one;
    struct link *link = *at;
    *at = link->next[BACK];
    if (!*at)
        link_lists[BACK].end = at;
    link->in_list[BACK] = false;
    return link;
}

void link_raise_event(struct link *link, enum event_kind kind) {
    link->events[kind] = true;
    enter(EVENTS, link);
}

void link_raise(enum event_kind kind) {
    if (kind >= EVENT_DOMAINS)
        link_raised |= 1U << kind;
}

static ALWAYS_INLINE void wake(struct link *link) {
    enter(READY, link);
    if (link->out)
        enter(DIRTY, link);
}

void link_wake(int number) {
    struct link *link = get(number);
    if (link)
        wake(link);
}

ALWAYS_INLINE bool link_notified(int number) {
    struct link *link = get(number);
    if (!link)
        return false;
    wake(link);
    return true;
}

void link_connected(int number) {
    link_raise_event(links[number], EVENT_CONNECTED);
    enter(READY, links[number]);
}

ALWAYS_INLINE bool link_has_events(void) {
    return ((uintptr_t)link_lists[READY].first | (uintptr_t)link_lists[BACK].first |
            (uintptr_t)link_lists[EVENTS].first | link_raised) != 0;
}

ALWAYS_INLINE bool link_any_ready(void) {
    return is_any_ready();
}

COLD void link_weigh(uint64_t now) {
    uint64_t took = now - link_work.since;
    double milliseconds = packets_milliseconds(took);
    struct link *link = link_work.of;
    /* Clients on sockets and Dom0 are trusted, and guests depend on them. */
    if (milliseconds < LONG_MILLISECONDS || link->endpoint.domid <= 0)
        return;
    /* A single long message counts alone: a busy host may have delayed it. */
    link->took = is_before(now, link->back_until) ? link->took + took : took;
    link->doubled = !is_before(now, link->back_until) ? 0
                    : link->doubled < BACK_DOUBLED    ? link->doubled + 1
                                                      : BACK_DOUBLED;
    double back = BACK_MILLISECONDS * (1U << link->doubled);
    link->back_until = now + (uint64_t)(back * (took / milliseconds));
    link_work.others_until = now + (took < MOST_TICKS ? took : MOST_TICKS);
    if (milliseconds >= WARY_OF_MILLISECONDS) {
        link_work.wary_until = now + (uint64_t)(WARY_MILLISECONDS * (took / milliseconds));
        link_work.wary_took = took;
    }
}

COLD bool link_stands_back(struct link *link, const struct header *header) {
    if (header->type != XS_TRANSACTION_END && header->type != XS_RM && header->length < LONG_PATH)
        return false;
    if (!is_before(packets_ticks(), link->back_until)) {
        link->back_until = link_work.wary_until;
        /* It goes after links whose long messages took less time. */
        link->took = link_work.wary_took;
        link->doubled = 0;
    }
    enter(BACK, link);
    return true;
}

ALWAYS_INLINE void link_turn(void) {
    packets_time_passed();
    if (UNLIKELY(link_lists[BACK].first))
        link_return_from_back(packets_ticks_now());
    link_work.of = NULL;
    link_work.begun = 0;
    link_work.others = false;
    link_work.grown = 0;
}

/* What follows in the turn does not count for the link of the last message. */
ALWAYS_INLINE void link_turn_ended(void) {
    weigh_last(packets_ticks_now());
    link_work.of = NULL;
}

COLD bool link_turn_has_ended(uint64_t now) {
    return packets_milliseconds(now - link_work.begun) >= TURN_MILLISECONDS;
}

static COLD int take_events(int32_t *pairs, int most) {
    static const enum event_kind order[] = {EVENT_CONNECTED, EVENT_RESET, EVENT_BROKEN, EVENT_ROOM};
    int count = 0;

    for (enum event_kind kind = EVENT_DOMAINS; kind < EVENT_KINDS; kind++) {
        if (!(link_raised & 1U << kind) || count == most)
            continue;
        link_raised &= ~(1U << kind);
        pairs[2 * count] = kind;
        pairs[2 * count++ + 1] = 0;
    }
    while (link_lists[EVENTS].first && count + 4 <= most) {
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

void link_raise_again(const int32_t *pairs, int count) {
    for (int i = 0; i < count; i++) {
        if (pairs[2 * i] >= EVENT_DOMAINS)
            link_raise(pairs[2 * i]);
        else if (get(pairs[2 * i + 1]))
            link_raise_event(links[pairs[2 * i + 1]], pairs[2 * i]);
    }
}
