/* The interface of a transport, which moves the bytes of links: a ring, or a socket. */
#ifndef STUBDOM_TRANSPORT_H
#define STUBDOM_TRANSPORT_H

#include "stubdom/message.h"

/** The peer of a link, and the transport's own data. */
struct endpoint {
    void *page;                 /* the mapped ring */
    uint32_t port;              /* local event channel */
    uint32_t remote;            /* the peer's event channel */
    uint32_t handle;            /* of the mapped page (below_map()) */
    int domid;                  /* -1: a socket */
    int fd;                     /* the socket */
    int link;                   /* the link's number, for a socket */
    uint32_t staged, committed; /* bytes behind rsp_prod: staged; of them committed */
    uint32_t produced;          /* rsp_prod, while bytes are staged */
    bool drained;               /* the last `take` left nothing behind */
    bool hung_up, wants_room;   /* a socket: the peer has closed it; it is polled for output */
};

/*
 * `take`, `put` and `publish` return the bytes moved, 0 for none now, a negative link_error, or
 * TRANSPORT_RESET if the guest asks for a reconnection. No function blocks.
 */
#define TRANSPORT_RESET (-100)
enum peer_news { PEER_WROTE = 1, PEER_READ = 2 };
struct transport {
    /* LINK_SLACK bytes behind `room` may be written. */
    int (*take)(struct endpoint *, void *to, size_t room);
    int (*put)(struct endpoint *, const void *from, size_t length);
    /* What the peer has done, perhaps without a notification: bits of peer_news. PEER_READ is only
     * checked if `replies_wait`. NULL: the operating system reports everything. */
    unsigned (*look)(const struct endpoint *, bool replies_wait);
    /* Bytes that were put and that the peer has not read. NULL: nobody knows. */
    size_t (*unread)(const struct endpoint *);
    /* Writes a whole message into the ring behind rsp_prod and other staged messages. False: no
     * room. NULL: the transport cannot stage. */
    bool (*stage)(struct endpoint *, const struct header *, const void *payload);
    /* Publishes the committed part of the staged bytes. */
    int (*publish)(struct endpoint *);
    /* Notifies the peer that bytes moved. */
    void (*notify)(struct endpoint *);
    void (*reset)(struct endpoint *);
    void (*announce)(struct endpoint *);
    void (*set_features)(struct endpoint *, uint32_t mask);
    /* Shows the peer the error. Nothing is moved afterwards. */
    void (*shut)(struct endpoint *, enum link_error);
    void (*close)(struct endpoint *);
};

#endif
