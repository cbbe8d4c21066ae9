/*
 * Connections over the raw wire: a unix socket, or /dev/xen/xenbus. Requests are
 * collected and go out in one write; replies and events are cut out of what one
 * read brought.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OP_CONTROL = 0,
    OP_DIRECTORY = 1,
    OP_READ = 2,
    OP_GET_PERMS = 3,
    OP_WATCH = 4,
    OP_UNWATCH = 5,
    OP_START = 6,
    OP_END = 7,
    OP_INTRODUCE = 8,
    OP_WRITE = 11,
    OP_MKDIR = 12,
    OP_RM = 13,
    OP_SET_PERMS = 14,
    OP_EVENT = 15,
    OP_ERROR = 16,
    OP_RESET_WATCHES = 21,
    OP_DIRECTORY_PART = 22,
};

#define PAYLOAD_MAX 4096

struct header {
    uint32_t type, request, transaction, length;
};

struct message {
    struct header header;
    char *payload; /* followed by a NUL, valid until the next call */
};

struct connection {
    int fd;
    bool device; /* /dev/xen/xenbus takes one message a write */
    char *in, *out;
    size_t in_start, in_end, out_length, out_room;
    char kept;       /* the byte that the NUL behind a payload covers */
    char *kept_from; /* where it was, or NULL */
};

/** Ends the program with a line that says what failed and errno. */
void fail(const char *what) __attribute__((noreturn));
/** Connects; ends the program when it cannot. */
void wire_open(struct connection *, const char *path);
void wire_close(struct connection *);
/** Collects a request. */
void wire_put(struct connection *, uint32_t type, uint32_t transaction, const void *payload,
              size_t length);
/** Sends what is collected. */
void wire_flush(struct connection *);
/** The next whole message that is here already. */
bool wire_next(struct connection *, struct message *);
/** Waits for bytes and reads them. */
void wire_fill(struct connection *);
/** Sends one request and waits for its reply; events on the way are dropped. */
struct message wire_ask(struct connection *, uint32_t type, uint32_t transaction,
                        const void *payload, size_t length);
/** As wire_ask, and ends the program when the answer is an error. */
struct message wire_must(struct connection *, uint32_t type, uint32_t transaction,
                         const void *payload, size_t length);

/** For an arrangement: requests with many on their way at once; an error ends the program. */
struct feed {
    struct connection *connection;
    int waiting;
};
void feed(struct feed *, uint32_t type, const void *payload, size_t length);
void feed_end(struct feed *);

#endif
