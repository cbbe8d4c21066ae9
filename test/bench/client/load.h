/* The load: clients that each keep a number of requests on their way, as long as it lasts. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "wire.h"

struct client;

/** Puts the client's next request into its connection. */
typedef void (*next_request)(struct client *);
/** A reply came. */
typedef void (*take_reply)(struct client *, const struct message *);

struct client {
    struct connection connection;
    next_request next; /* NULL: it only listens */
    take_reply reply;  /* NULL: an error ends the program, all else is as it should be */
    int number;
    long count;           /* requests made; the callbacks may count in it */
    uint32_t transaction; /* theirs, as the fields below */
    long at, failed;
    int waiting; /* replies that are due */
    double sent;
};

/** How long a load lasts: what is reached first. */
struct limit {
    double seconds;
    long requests;
};
extern struct limit limit;

struct load {
    long requests, events;
    double seconds, cpu;
    double p50, p99, longest; /* seconds from sending to the last reply of what was sent together */
};

/** Runs the clients, each with `depth` requests at a time, and measures. */
struct load load_run(struct client *clients, int count, int depth);
/** Opens connections and sets what every client needs. */
struct client *clients_open(int count, next_request next, take_reply reply);
void clients_close(struct client *clients, int count);

#endif
