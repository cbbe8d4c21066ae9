/*
 * The order in which links are served, private to link_ready.c and link_input.c: one message of
 * each link in turn. A guest whose messages take long stands back: other links go first.
 */
#ifndef STUBDOM_LINK_READY_H
#define STUBDOM_LINK_READY_H

#include "link_internal.h"
#include "stubdom/trace/packets.h"

/*
 * link_next() returns messages for TURN_MILLISECONDS of a turn. Then replies go out and events are
 * taken. A guest whose message takes LONG_MILLISECONDS or more stands back for BACK_MILLISECONDS:
 * other links go first, until they have had as much time as that message. So links that stand back
 * get half of the time while others have messages.
 */
#define TURN_MILLISECONDS 1.0
#define LONG_MILLISECONDS 0.25
/* After a message of WARY_OF_MILLISECONDS or more, messages of other guests that may take long too
 * stand back for WARY_MILLISECONDS (link_stands_back()). A payload of LONG_PATH bytes may. */
#define WARY_OF_MILLISECONDS 2
#define WARY_MILLISECONDS 100
#define LONG_PATH 512
#define BACK_MILLISECONDS 250.0
/* The time doubles, at most so many times, for a guest with another such message within it. */
#define BACK_DOUBLED 4
/* Longer times in ticks are not real: the counter was set back. */
#define MOST_TICKS (1ULL << 35)

/* The messages of this turn. Times are in ticks (trace/packets.h). */
extern struct link_work {
    struct link *of;       /* the link of the last message in this turn; NULL: none */
    uint64_t since;        /* when that message was taken */
    uint64_t begun;        /* when the first of the turn was taken; 0: none yet */
    bool others;           /* a link that does not stand back was served in this turn */
    uint64_t others_until; /* links that do not stand back go first */
    uint64_t wary_until;   /* a message has just taken long: others may, too */
    uint64_t wary_took;    /* the time of that message */
    bool wary;             /* link_stands_back() decides about the next message */
    size_t grown;          /* bytes of new buffers for partial messages while memory is scarce */
} link_work;
extern unsigned link_raised; /* events of no link: one bit for each kind */

/* Moves links whose time to stand back is over to the ready queue. */
void link_return_from_back(uint64_t now);
/* Removes from BACK, which must not be empty, the link whose long messages took least time. */
struct link *link_leave_back(uint64_t now);
/* Makes the link of the last message stand back if that message took long. */
void link_weigh(uint64_t now);
/*
 * Guests can each prepare one message that takes long, and send all of them at once, when none of
 * them stands back yet. So after one of these messages, a message that may be another stands back:
 * by its type, or by its length, since a path of many levels is long. True: it does.
 */
bool link_stands_back(struct link *link, const struct header *header);
/* The exact check behind turn_ended(). */
bool link_turn_has_ended(uint64_t now);

static ALWAYS_INLINE bool is_before(uint64_t now, uint64_t until) {
    return until - now - 1 < MOST_TICKS;
}

static ALWAYS_INLINE bool has_raised(void) {
    return ((uintptr_t)link_lists[EVENTS].first | link_raised) != 0;
}

static ALWAYS_INLINE void weigh_last(uint64_t now) {
    if (link_work.of &&
        UNLIKELY(now - link_work.since > (uint64_t)(LONG_MILLISECONDS * PACKETS_LEAST)))
        link_weigh(now);
}

static ALWAYS_INLINE void take_up(struct link *link) {
    uint64_t now = packets_ticks();
    weigh_last(now);
    if (!link_work.begun)
        link_work.begun = now;
    link_work.of = link;
    link_work.since = now;
}

static ALWAYS_INLINE bool turn_ended(uint64_t now) {
    return link_work.begun &&
           UNLIKELY(now - link_work.begun > (uint64_t)(TURN_MILLISECONDS * PACKETS_LEAST)) &&
           link_turn_has_ended(now);
}

/* Whether a link that stands back is next. */
static ALWAYS_INLINE bool back_is_due(uint64_t now) {
    return UNLIKELY(link_lists[BACK].first) &&
           (!link_lists[READY].first || !is_before(now, link_work.others_until));
}

static ALWAYS_INLINE bool is_any_ready(void) {
    return ((uintptr_t)link_lists[READY].first | (uintptr_t)link_lists[BACK].first) != 0;
}

#endif
