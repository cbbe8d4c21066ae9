/* What a link needs of what moves its bytes: a ring, or a socket's stream. */
#ifndef STUBDOM_TRANSPORT_H
#define STUBDOM_TRANSPORT_H

#include "stubdom/message.h"

/** What a transport keeps of its own; the fields are its business. */
struct endpoint {
    void *page;
    uint32_t port;
    uint32_t remote; /* the port at the other end */
    uint32_t handle;
    int domid;
    int fd;
    int link;
    /* Bytes of messages that are staged at the peer's already, and how many of them are committed.
     */
    uint32_t staged, committed;
    uint32_t produced; /* the index before them */
    bool drained;      /* the last `take` left nothing behind */
    bool hung_up, wants_room;
};

/*
 * The way of bytes below the links. `take` and `put` return the bytes moved, 0
 * for none now, or a negative link_error; TRANSPORT_RESET says that the guest
 * wants a new start. What `take` has room for is followed by LINK_SLACK.
 */
#define TRANSPORT_RESET (-100)
enum peer_news { PEER_WROTE = 1, PEER_READ = 2 };
struct transport {
    int (*take)(struct endpoint *, void *to, size_t room);
    int (*put)(struct endpoint *, const void *from, size_t length);
    /* What the peer has done and may not have announced: bits of peer_news. Moves nothing. NULL:
     * the kernel announces everything. */
    unsigned (*look)(const struct endpoint *, bool replies_wait);
    /* Puts a whole message, or nothing, where the peer looks once it is published, behind those
     * that are staged there. NULL: there is no such place. */
    bool (*stage)(struct endpoint *, const struct header *, const void *payload);
    /* What is committed of that is published to the peer. As `put`. */
    int (*publish)(struct endpoint *);
    /* Tells the peer that bytes moved. */
    void (*notify)(struct endpoint *);
    void (*reset)(struct endpoint *);
    void (*announce)(struct endpoint *);
    void (*set_features)(struct endpoint *, uint32_t mask);
    /* Shows the peer the error; nothing is moved afterwards. */
    void (*shut)(struct endpoint *, enum link_error);
    void (*close)(struct endpoint *);
};

#endif
