/* Hostile guests with transactions. */
#include "hostile.h"
#include <stdio.h>
#include <string.h>

/* Of transactions that are ended at one moment. The oldest snapshot's guest is charged what the
 * others commit beside it: longer values would make most of them fail. */
#define LONG_VALUE 200
#define LONG_PATH 1150

void put_conflict(struct guest *g) {
    long at = step(g);
    if (at == 0)
        put(g, OP_WRITE, g->transaction, "other", "x", 1);
    else if (at == NODES)
        put(g, OP_WRITE, 0, node(g, NODES - 1), "changed", g->transaction % 7);
    else if (at >= 0 && at < NODES)
        put(g, OP_READ, g->transaction, node(g, at), NULL, 0);
}
void put_commit(struct guest *g) {
    long at = step(g);
    if (at >= 0 && at < NODES)
        put(g, OP_WRITE, g->transaction, node(g, at), "value", 5);
}

/* One that removes all, the next makes all again. */
void put_commit_remove(struct guest *g) {
    bool makes = g->transaction % 2 == 0;
    long at = step(g);
    if (at >= 0 && at < NODES && (makes || at == 0))
        put(g, makes ? OP_WRITE : OP_RM, g->transaction, makes ? node(g, at) : "data", "value",
            makes ? 5 : 0);
}

/* Steps of a transaction that is ended together with those of others: what comes before, START, one
 * with each node. */
static long step_together(struct guest *g) {
    long at = g->at++ % TOGETHER_STEPS;
    if (at == 1) {
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++;
    }
    return at - 2;
}
void put_burst(struct guest *g) {
    static char value[LONG_VALUE];
    long at = step_together(g);
    if (at == -2)
        put_path(g, OP_READ, "data");
    else if (at >= 0)
        put(g, OP_WRITE, g->transaction, node(g, at), value, LONG_VALUE - g->transaction % 2);
}
/* They are made: those of before are removed first. */
void put_burst_paths(struct guest *g) {
    long at = step_together(g);
    if (at == -2)
        put_path(g, OP_RM, "data");
    if (at < 0)
        return;
    int start = sprintf(g->path, "data/");
    memset(g->path + start, 'a', (size_t)(LONG_PATH - start));
    sprintf(g->path + LONG_PATH, "/%ld/%ld", at / TO_A_DIRECTORY, at % TO_A_DIRECTORY);
    put(g, OP_WRITE, g->transaction, g->path, "value", 5);
}
void arrange_burst(struct guest *g) {
    make_nodes(g);
    watch_one(g, "data", 0);
    settle(g, 1);
}

/* Levels that are not there, in a transaction that removed something. */
void put_nowhere_removed(struct guest *g) {
    switch (g->at++ % 5) {
    case 0:
        put(g, OP_WRITE, 0, "own", "x", 1);
        break;
    case 1:
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++;
        break;
    case 2:
        put(g, OP_RM, g->transaction, "own", NULL, 0);
        break;
    case 3:
        put(g, OP_MKDIR, g->transaction, deep(g, "none", DEEPEST), NULL, 0);
        break;
    default:
        wire_put(&g->connection, OP_END, g->transaction, "F", 2);
    }
}

/* Watches and transactions that are all gone with one request. */
void put_reset(struct guest *g) {
    const long reads = NODES / TRANSACTIONS, one = reads + 1;
    long at = g->at++ % (WATCHES + TRANSACTIONS * one + 1);
    if (at < WATCHES) {
        watch_one(g, deep(g, "deep", 5 + (int)at), (int)at);
        return;
    }
    at -= WATCHES;
    if (at == TRANSACTIONS * one) {
        wire_put(&g->connection, OP_RESET_WATCHES, 0, "", 1);
    } else if (at % one == 0) {
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++;
    } else {
        put(g, OP_WRITE, g->transaction, node(g, at / one * reads + at % one - 1), "value", 5);
    }
}
