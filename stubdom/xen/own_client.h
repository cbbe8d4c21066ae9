/*
 * A client of this server: the stub domain's own xenstore page, served like that of any other
 * domain. One request at a time; replies and events come with the page's event channel.
 */
#ifndef STUBDOM_XEN_OWN_CLIENT_H
#define STUBDOM_XEN_OWN_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/io/xs_wire.h>

/* A longer reply is cut: nothing that is asked for here has one. */
#define OWN_REPLY_MOST 255

struct own_reply {
    uint32_t type; /* the request's, or XS_ERROR */
    uint32_t length;
    char payload[OWN_REPLY_MOST + 1]; /* with a NUL behind it */
};

/** Begins to listen. False: this domain has no page, or no channel to itself. */
bool own_client_start(void (*watch_fired)(void));
/** Asks; `then` gets the reply, and may ask again. False: a request is on its way, or it is too
 * long. */
bool own_client_ask(uint32_t type, const char *payload, uint32_t length,
                    void (*then)(const struct own_reply *reply));
/** The page's event channel fired. */
void own_client_event(void);

#endif
