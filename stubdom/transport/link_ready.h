/*
 * Whose message is next: for link_ready.c, and for link_input.c, which takes it. Links with news
 * are served one after the other; who sends messages that take long stands back.
 */
#ifndef STUBDOM_LINK_READY_H
#define STUBDOM_LINK_READY_H

#include "link_internal.h"
#include "stubdom/trace/packets.h"

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

extern struct link_work {
    struct link *of;       /* whose message was taken last in this turn; NULL: nobody's */
    uint64_t since;        /* when that was, in ticks */
    uint64_t begun;        /* when the first of the turn was; 0: there was none */
    bool others;           /* one that does not stand back was served in this turn */
    uint64_t others_until; /* those that do not stand back go first */
    uint64_t wary_until;   /* a guest's message has just taken long: others may, too */
    uint64_t wary_took;    /* how long, in ticks */
    bool wary;             /* the message that is looked for is to stand back if it may */
    size_t grown; /* bytes of buffers for parts of messages, in this turn, where memory is scarce */
} link_work;
extern unsigned link_raised; /* of the kinds that are no link's: a bit each */

/* Those who have stood back for long enough are as any other again. */
void link_return_from_back(uint64_t now);
/* Of those that stand back, of whom there is one, the one whose long messages took least. */
struct link *link_leave_back(uint64_t now);
/* The message that was taken last may have taken long. */
void link_weigh(uint64_t now);
/*
 * Guests can prepare one message each that takes long and send them all at once: nobody is known
 * yet as one whose messages do. So, behind one of them, what may be another (by its type, or its
 * length, for a path of many levels is long) stands back for what is none.
 */
bool link_stands_back(struct link *link, const struct header *header);
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

/* One of those that stand back is next. */
static ALWAYS_INLINE bool back_is_due(uint64_t now) {
    return UNLIKELY(link_lists[BACK].first) &&
           (!link_lists[READY].first || !is_before(now, link_work.others_until));
}

static ALWAYS_INLINE bool is_any_ready(void) {
    return ((uintptr_t)link_lists[READY].first | (uintptr_t)link_lists[BACK].first) != 0;
}

#endif
