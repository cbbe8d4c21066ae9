/*
 * A client with a byte stream of its own, of a socket or of a domain, that keeps count of what it
 * asked: each whole request gets one reply, in order, or the connection is shut for a reason.
 */
#ifndef FUZZ_CLIENT_H
#define FUZZ_CLIENT_H

#include "../../stubdom/transport/link.h"

#define CLIENT_BUFFER 32768
#define CLIENT_REQUESTS 512

struct client {
    const char *name;
    int link; /* -1: it is not connected */
    int domid;
    bool shut;
    bool hangs_up;    /* it will, at the next look of the daemon */
    bool reads;       /* else the daemon has no room */
    size_t take_most; /* bytes that it lets go at once; 0: all */
    uint8_t in[CLIENT_BUFFER], out[CLIENT_BUFFER];
    size_t in_length, out_start, out_length; /* `out` is to the daemon, `in` from it */
    /* What the daemon took, cut into messages. */
    struct header taking;
    size_t taken;  /* bytes of the present message */
    bool nonsense; /* what follows is no message: it was too long */
    struct expected {
        uint32_t type, request_id, transaction_id;
    } expected[CLIENT_REQUESTS];
    unsigned first, asked; /* not answered; asked so far */
    uint32_t next_id;
    /* The last reply. */
    struct header reply;
    char answer[PAYLOAD_MAX + 1];
    uint32_t transaction; /* the last one that it began */
    /* Told of each error that it is answered; NULL: nobody is. */
    void (*refused)(const struct client *client);
};

/** Set when a client was told that it changed the store, or perhaps permissions in it. */
extern bool client_changes, client_permissions;

/** domid -1: a socket, which the daemon is told of. Negative: there is no memory. */
int client_connect(struct client *client, const char *name, int domid);
/** It goes away; the daemon has to look. */
void client_hang_up(struct client *client);
/** False: there is no room. */
bool client_send(struct client *client, uint32_t type, uint32_t transaction, const void *payload,
                 uint32_t length);
bool client_send_raw(struct client *client, const void *bytes, size_t length);
/** Takes what came and compares it with what was asked. */
void client_receive(struct client *client);
/** Replies that are still to come. */
unsigned client_waits(const struct client *client);

#endif
