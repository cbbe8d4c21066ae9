/* A xenstore client of a guest: its own ring, one request at a time, most often. */
#ifndef GUEST_CLIENT_H
#define GUEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_MAX 4096

struct reply {
    uint32_t type; /* XS_ERROR: the payload names the error */
    uint32_t length;
    char payload[REPLY_MAX + 1]; /* ended by a NUL that is not counted */
};

void client_init(void);
/** Sends a request and waits for its reply. Watch events that come meanwhile are counted. */
void client_request(uint32_t type, const void *payload, uint32_t length, struct reply *reply);
/** The two halves of it: several can be sent before the first reply is taken. Replies come in their
 * order. */
void client_begin(uint32_t type, const void *payload, uint32_t length);
void client_end(struct reply *reply);
/** The same as client_request with a path and a value: "path\0value". */
void client_write(const char *path, const char *value, struct reply *reply);
void client_read(const char *path, struct reply *reply);
void client_watch(const char *path, const char *token, struct reply *reply);
/** Blocks until the store has done something to the ring. Nothing is read. */
void client_wait(void);
/** Blocks until a watch event came. Returns how many did since the last call. */
unsigned client_wait_event(void);
/** Is told the token of each watch event; NULL: nobody is. */
extern void (*client_on_event)(const char *token);
/** The transaction of the requests to come; 0: none. */
extern uint32_t client_transaction;
/** Puts a request offset far beyond the ring's size into the ring page. */
void client_break_ring(void);
/** Joins the console to the ring, for ever. */
void relay(void);

#endif
