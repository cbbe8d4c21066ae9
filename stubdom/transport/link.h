/*
 * Links: the connections, rings and sockets alike, as small integers that are reused. This layer
 * frames and buffers messages for every transport. A link buffers input that is not yet handed over
 * and output for which the peer has no room. Both buffers are bounded: further input stays in the
 * ring or socket, further output in the program. No call blocks. Calls for a link that does not
 * exist do nothing.
 */
#ifndef STUBDOM_LINK_H
#define STUBDOM_LINK_H

#include "transport.h"

struct message {
    struct header header;
    const char *payload; /* valid until the next call for the same link; with LINK_SLACK */
};

/** Counts of messages since the link was made. */
struct traffic {
    uint64_t requests, replies, events;
    uint32_t last_type;  /* of the last request */
    uint64_t last_ticks; /* when it came (trace/packets.h) */
};
/** The sums over all links, closed ones included. */
struct traffic link_traffic_total(void);
/** Bytes of unserved input and unsent output of a link; 0 if there is no such link. */
void link_held(int link, size_t *in, size_t *out);
/** Whether a link's guest holds little memory (engine/memory.h). True for a new link. */
void link_set_modest(int link, bool on);
bool link_is_modest(int link);
/** The size in bytes of the link's buffers; of all links' buffers, including spare ones. */
size_t link_buffers(int link);
extern const size_t *const link_all_buffers;
/** While set, a guest's link takes as little memory as possible: one request or one reply, each in
 * a buffer of its size. */
extern bool link_memory_scarce;
/** Asked besides where a buffer is to be made: much can be sent within a turn. NULL: nobody knows.
 */
extern bool (*link_memory_is_scarce)(void);
/** Frees spare buffers and shrinks the buffers of links to their contents. Call it only between two
 * turns. */
void link_shrink(void);
/** A number that changes whenever the peer has read output, as long as nothing is sent. */
int64_t link_reads(int link);
/** Breaks the links of guests with unread output. */
void link_shed(void);

/** Makes a link and returns its number. Negative: no memory. */
int link_add(const struct transport *, const struct endpoint *);
struct endpoint *link_endpoint(int link);
bool link_is_open(int link);
const struct traffic *link_traffic(int link);

enum link_next { NEXT_NONE, NEXT_MESSAGE, NEXT_FLOW_CONTROLLED };

/**
 * Takes the next link from the ready queue, which holds links with unread messages. NEXT_MESSAGE:
 * with a whole message; a link with more of them goes to the end of the queue.
 * NEXT_FLOW_CONTROLLED: without a message; the link has left the queue. NEXT_NONE: the queue is
 * empty, the turn's time is over, or an event must be taken first.
 */
enum link_next link_next(int *link, struct message *);
/** Messages of a flow-controlled link are taken by link_receive() only. */
void link_set_flow_control(int link, bool on);
/** The next whole message of a link. False: none now. */
bool link_receive(int link, struct message *);
/**
 * Stages a whole message; it goes out after link_commit(). False: no room or no memory, nothing is
 * staged, and an EVENT_ROOM follows. True also for a link that is not open.
 */
bool link_send(int link, const struct header *, const void *payload);
/** The same, inlined where each request is answered. */
bool link_reply(int link, const struct header *, const void *payload);
/** Drops all buffers and resets the ring (ring_reset()); reopens a broken link. */
void link_reset(int link);
/** Shows the guest that the connection is ready. */
void link_announce(int link);
/** Writes `server_features` of the ring (public/io/xs_wire.h). */
void link_set_features(int link, uint32_t mask);
/** Breaks a link: the peer sees the error, and nothing is read or sent any more. */
void link_shut(int link, enum link_error);
/** Frees a link and its number. */
void link_close(int link);

/** As link_close(), at the commit point. */
void link_leave(int link);
/** Commits what was staged since the last commit; or drops it. */
void link_commit(void);
void link_discard(void);
/** The bytes of a link's last message; `size` includes its header. NULL: the message or the link
 * is gone. */
const char *link_last(int link, size_t size);
/**
 * Puts the link's last message, `size` bytes with its header, back to be served again. False: that
 * was done before and failed, or the message is gone.
 */
bool link_requeue(int link, size_t size);
/** The link's last message was served: it may be put back once more. */
void link_served(int link);
/** Raises events again that link_events() has returned. */
void link_raise_again(const int32_t *pairs, int count);

/* A program that starts on existing links claims those that it knows. */
void link_unclaim_all(void);
/** Claims a link. domid -1: a socket. CLAIM_GONE: the link is another's or does not exist. */
enum link_claim link_claim(int link, int domid);
/** Announces unclaimed sockets as new connections, and closes all other unclaimed links. */
void link_close_unclaimed(void);

/** Puts the link into the ready queue, and flushes it if it has output. */
void link_wake(int link);
/** The same, because its peer has notified it. False: there is no such link. */
bool link_notified(int link);
/** Raises EVENT_CONNECTED for a new link. */
void link_connected(int link);
/** The peer has reconnected: resets the link and raises EVENT_RESET. */
void link_restarted(int link);
/** Raises an event that belongs to no link. */
void link_raise(enum event_kind);
/** Moves raised events to `pairs`, as (kind, value), and returns their number, at most `most`. */
int link_events(int32_t *pairs, int most);
/** Whether there is an event, or a link in the ready queue. */
bool link_has_events(void);
/** A turn begins; link_next() then returns messages for a bounded time. */
void link_turn(void);
/** The turn takes no more messages. */
void link_turn_ended(void);
/** Whether there is a link in the ready queue. */
bool link_any_ready(void);
/** Sends committed output, and notifies every peer whose bytes moved. */
void link_flush(void);
/**
 * Checks, after link_flush() and before the program blocks, each ring whose bytes moved since the
 * last call, behind a full fence. It is needed because a client may omit the notification while it
 * sees an older index of ours. True: the program must not block.
 */
bool link_look(void);
/**
 * Checks every ring. Call it each LINK_LOOK_MILLISECONDS: a client's store can become visible after
 * link_look(), and the client may then wait without a notification (test/rings/ring.pml).
 */
void link_look_at_all(void);
#define LINK_LOOK_MILLISECONDS 800
/** How often link_look_at_all() found something without a notification. */
unsigned long link_found_late(void);
/** What another process needs to continue a link. The bytes are valid until the next call for the
 * link. */
struct link_state {
    int link;
    bool open;
    const char *in, *out; /* a partial message; output that is not sent */
    size_t in_length, out_length;
    size_t out_begun; /* the first bytes of `out` that belong to a message begun */
};
/** Fills the state of the first used link with number `from` or more. False: there is none. */
bool link_export(int from, struct link_state *);
/** Makes the next link_add() return `number`. False: no memory, or the number is in use. */
bool link_number(int number);
/** Sets the buffers of a link that was added. False: no memory, or they are too long. */
bool link_import(const struct link_state *);

/** Bytes that all links use, without spare buffers. */
size_t link_memory(void);

#endif
