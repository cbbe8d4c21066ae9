/*
 * The stub domain as a client of its own store, over its own xenstore page, which the program
 * serves like any other. It makes one request at a time. Nothing blocks: replies and watch events
 * arrive through own_client_event().
 */
#ifndef STUBDOM_XEN_OWN_CLIENT_H
#define STUBDOM_XEN_OWN_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include "stubdom/message.h"
#include <xen/xen.h>
#include <xen/io/xs_wire.h>

/* Bytes. Longer replies are truncated; the requests made here have none. */
#define OWN_REPLY_MOST 255

struct own_reply {
    uint32_t type;                    /* the request's, or XS_ERROR */
    uint32_t length;                  /* of `payload` */
    char payload[OWN_REPLY_MOST + 1]; /* a NUL follows it */
};

/** Starts; `watch_fired` is called for each watch event. False: this domain has no page, or no
 * event channel to itself. */
bool own_client_start(void (*watch_fired)(void));
/**
 * Sends a request. `then` is called with the reply, and may send the next. False: a reply is still
 * missing, or the request is too long.
 */
bool own_client_ask(uint32_t type, const char *payload, uint32_t length,
                    void (*then)(const struct own_reply *reply));
/** What another image needs to go on: where it is in the stream of replies. */
struct own_client_state {
    struct header header;
    uint32_t have, request_id;
};
void own_client_leave(struct own_client_state *to);
/** Call it before own_client_start(). */
void own_client_continue(const struct own_client_state *from);
/** Handles an event of the page's event channel. */
void own_client_event(void);

#endif
