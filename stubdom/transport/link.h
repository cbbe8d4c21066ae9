/*
 * Links: the connections as the daemon sees them, small integers. Framing and
 * buffering are here, once for every transport. A link holds what of its input
 * is not handed over yet and what of its output the peer has no room for; both
 * are bounded, what exceeds them stays in the ring, the socket or the daemon.
 */
#ifndef STUBDOM_LINK_H
#define STUBDOM_LINK_H

#include "transport.h"

struct message {
    struct header header;
    const char *payload; /* valid until the next call for the same link; with LINK_SLACK */
};

/** What went over a link since it was made. */
struct traffic {
    uint64_t requests, replies, events;
    uint32_t last_type; /* of the last request, which came at `last_ticks` (trace/packets.h) */
    uint64_t last_ticks;
};
/** The sums over all links, those that are closed among them. */
struct traffic link_traffic_total(void);
/** Bytes that a link holds of its input and its output. */
void link_held(int link, size_t *in, size_t *out);
/** Whoever is at the other end makes the program keep little, or not; a new link does. */
void link_set_modest(int link, bool on);
bool link_is_modest(int link);
/** Bytes of the buffers that it has for them; of all links, the spare ones among them. */
size_t link_buffers(int link);
extern const size_t *const link_all_buffers;
/** Whether guests' messages are to take as little memory as they can: one request, one reply, no
 * buffer of the usual size. */
extern bool link_memory_scarce;
/**
 * Between two turns: what guests have sent in part and what they have not read takes as much memory
 * as it has bytes, and not a buffer of the usual size.
 */
void link_shrink(void);
/** How often the peer took some of what waited for it in the link's buffer. */
unsigned link_reads(int link);
/** Breaks the links of guests that have left something unread. */
void link_shed(void);

/** Makes a link. Negative: no memory. */
int link_add(const struct transport *, const struct endpoint *);
struct endpoint *link_endpoint(int link);
bool link_is_open(int link);
/** NULL: there is no such link. */
const struct traffic *link_traffic(int link);

enum link_next { NEXT_NONE, NEXT_MESSAGE, NEXT_FLOW_CONTROLLED };

/**
 * The links with news stand in the ready queue, and this is the next of them: with a whole
 * message, after which it stands at the end again, or, flow-controlled, without one and outside
 * the queue. NEXT_NONE: there is no such link, or an event must be taken first.
 */
enum link_next link_next(int *link, struct message *);
/** A flow-controlled link is asked for its messages by link_receive alone. */
void link_set_flow_control(int link, bool on);
/** The next whole message of a link. False: none now. */
bool link_receive(int link, struct message *);
/**
 * Takes a whole message or nothing. False: no room; an EVENT_ROOM will come. The message is
 * staged: it goes out when link_commit() says so.
 */
bool link_send(int link, const struct header *, const void *payload);
/** The same, for the one place where each request is answered. */
bool link_reply(int link, const struct header *, const void *payload);
void link_reset(int link);
void link_announce(int link);
void link_set_features(int link, uint32_t mask);
void link_shut(int link, enum link_error);
void link_close(int link);

/** As link_close(), at the commit point. */
void link_leave(int link);
/** What was staged since the last commit is committed, or never was. */
void link_commit(void);
void link_discard(void);
/** A link's last message, of so many bytes with its header. NULL: it is gone, or the link is. */
const char *link_last(int link, size_t size);
/**
 * The link's last message, of so many bytes with its header, is to come again. False: it did
 * already, and was not served then either; or it is gone.
 */
bool link_requeue(int link, size_t size);
/** Its last message was served. */
void link_served(int link);
/** Events that link_events() gave come again. */
void link_raise_again(const int32_t *pairs, int count);

/* A program that starts anew on the links that are there says which it knows. */
void link_unclaim_all(void);
/** domid -1: a socket. */
enum link_claim link_claim(int link, int domid);
/** Of the others, clients on sockets are announced again, and rings closed. */
void link_close_unclaimed(void);

/** There is news for the link, input or room: it comes into the ready queue. */
void link_wake(int link);
/** The same, for the transport. NULL: there is no such link. */
struct endpoint *link_heard(int link);
/** The transport made this link just now. */
void link_connected(int link);
/** The peer starts anew: what is between it and the daemon is dropped, and the daemon told. */
void link_restarted(int link);
/** Something else than a link has news. */
void link_raise(enum event_kind);
/** Moves at most `most` raised events out, as pairs (kind, value). Returns how many. */
int link_events(int32_t *pairs, int most);
/** Whether there is an event, or a link in the ready queue. */
bool link_has_events(void);
/** A turn begins, which gets messages for a bounded time; and it asks for no more of them. */
void link_turn(void);
void link_turn_ended(void);
/** Whether there is a link in the ready queue. */
bool link_any_ready(void);
/** Sends what waits and notifies every peer whose bytes moved. */
void link_flush(void);
/**
 * The last thing before the program blocks, after link_flush(). A client on a ring need not send
 * an event for what it writes or reads while the ring still shows it an older index of ours. So
 * each ring whose bytes moved since the last call is looked at once more, behind a full fence.
 * True: there is news, and the program must not block.
 */
bool link_look(void);
/**
 * Looks at every ring, whatever moved. To be called each LINK_LOOK_MILLISECONDS: a client's store
 * can become visible after link_look(), and the client may then wait without an event
 * (test/rings/ring.pml).
 */
void link_look_at_all(void);
#define LINK_LOOK_MILLISECONDS 800
/** How often link_look_at_all() found something that no event had announced. */
unsigned long link_found_late(void);
/** What of a link goes on in another process; bytes are valid until the next call for the link. */
struct link_state {
    int link;
    bool open;
    const char *in, *out; /* half in, not out yet */
    size_t in_length, out_length;
};
/** The first link from number `from` on that is in use. False: there is none. */
bool link_export(int from, struct link_state *);
/** The next link that is added gets this number, which is free. False: no memory. */
bool link_number(int number);
/** What was half in and not out yet. False: no memory, or it is too long. */
bool link_import(const struct link_state *);

/** Bytes that all links hold now. */
size_t link_memory(void);

#endif
