/*
 * Hostile guests: what each kind of them arranges once, and what it sends as fast as it is taken.
 */
#ifndef BENCH_HOSTILE_H
#define BENCH_HOSTILE_H

#include "bench.h"
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of the first hostile guest, and how many of them there are at most. */
#define FIRST 2
#define MOST 8
/* Quotas of a guest: 1,000 nodes, 128 watches, 10 transactions, 2,048 bytes of path. */
#define WATCHES 128
#define TRANSACTIONS 10
#define DEEPEST 950
#define NODES 900
#define TO_A_DIRECTORY 30
/* A transaction that is ended together with those of others: what comes before, START, one step
 * with each node. */
#define TOGETHER_STEPS (NODES + 2)

struct kind;

struct guest {
    struct connection connection;
    const struct kind *kind;
    int domid;
    long at; /* requests made */
    uint32_t transaction;
    int of; /* the number of its link */
    char path[2100];
};

/* What the processes of the guests have in common. */
struct common {
    long replies, errors, events; /* what the hostile guests were answered */
    pthread_barrier_t moment;     /* at which all of them end their transactions */
};
extern struct common *common;
extern struct connection dom0;

/* --- hostile_guest.c: what all kinds use --- */

/** A request with a path, and what follows it. */
void put(struct guest *g, uint32_t type, uint32_t transaction, const char *path, const void *rest,
         size_t length);
void put_path(struct guest *g, uint32_t type, const char *path);
/** Counts an answer. */
void count(const struct message *m);
/** Sends what is collected and waits for as many replies. */
void settle(struct guest *g, int replies);
/** The path of a node, in a directory of few. */
const char *node(struct guest *g, long i);
/** A path of so many levels. */
const char *deep(struct guest *g, const char *first, int levels);
void make_nodes(struct guest *g);
/** `path` with tokens of two hexadecimal digits. */
void watch_one(struct guest *g, const char *path, int i);
void watch_all(struct guest *g, const char *path);
/** The next step of a transaction: START, one with each node, what comes before END, END. Returns
 * -1 at START, then the number of the node. */
long step(struct guest *g);

/* --- hostile_nodes.c: nodes, the status tree, what is not there, snapshots --- */

void arrange_deep(struct guest *g);
void put_deep(struct guest *g);
void put_deepest(struct guest *g);
void arrange_status(struct guest *g);
void put_status(struct guest *g);
void arrange_list(struct guest *g);
void put_list(struct guest *g);
void arrange_part(struct guest *g);
void put_part(struct guest *g);
void put_rewrite(struct guest *g);
void put_set_perms(struct guest *g);
void put_malformed(struct guest *g);
void put_nowhere(struct guest *g);
void arrange_snapshot(struct guest *g);
void put_snapshot_write(struct guest *g);
void put_snapshot_remove(struct guest *g);

/* --- hostile_transactions.c --- */

void put_conflict(struct guest *g);
void put_commit(struct guest *g);
void put_commit_remove(struct guest *g);
void put_burst(struct guest *g);
void put_burst_paths(struct guest *g);
void arrange_burst(struct guest *g);
void put_nowhere_removed(struct guest *g);
void put_reset(struct guest *g);

/* --- hostile_watches.c: watches and what they fan out --- */

void arrange_watched_nodes(struct guest *g);
void put_watch(struct guest *g);
void arrange_fires(struct guest *g);
void put_fires(struct guest *g);
void arrange_fan_out(struct guest *g);
void arrange_fan_out_each(struct guest *g);
void arrange_fan_out_deep(struct guest *g);
void put_fan_out(struct guest *g);
void put_fan_out_deep(struct guest *g);
void put_fan_out_remove(struct guest *g);
void arrange_unseen(struct guest *g);

#endif
