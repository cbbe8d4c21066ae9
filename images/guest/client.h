/* A xenstore client over the guest's own ring. Calls block until the store answers. */
#ifndef GUEST_CLIENT_H
#define GUEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_MAX 4096

struct reply {
    uint32_t type;   /* XS_ERROR: the payload is the name of the error */
    uint32_t length; /* of the payload, without the NUL behind it */
    char payload[REPLY_MAX + 1];
};

/** Panics if the guest has no ring. */
void client_init(void);
/** Sends a request and waits for its reply. Counts watch events that come before it. */
void client_request(uint32_t type, const void *payload, uint32_t length, struct reply *reply);
/** The two parts of client_request(): several requests can be sent before the first reply is read.
 * Replies come in the order of the requests. */
void client_begin(uint32_t type, const void *payload, uint32_t length);
void client_end(struct reply *reply);
/** client_request() for WRITE, READ and WATCH. */
void client_write(const char *path, const char *value, struct reply *reply);
void client_read(const char *path, struct reply *reply);
void client_watch(const char *path, const char *token, struct reply *reply);
/** Blocks until the store sends a notification. Reads nothing. */
void client_wait(void);
/** Blocks until a watch event comes. Returns the number of events since the last call. */
unsigned client_wait_event(void);
/** Called with the token of each watch event; NULL: not called. */
extern void (*client_on_event)(const char *token);
/** The transaction of the next requests; 0: none. */
extern uint32_t client_transaction;
/** Sets req_prod to an index far beyond the ring's size. */
void client_break_ring(void);
/** relay.c: copies bytes between the console and the xenstore ring. Does not return. */
void relay(void);

#endif
