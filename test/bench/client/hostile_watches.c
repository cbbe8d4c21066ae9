/* Hostile guests with watches. */
#include "hostile.h"
#include <stdio.h>

void arrange_watched_nodes(struct guest *g) {
    make_nodes(g);
    watch_all(g, "data");
}

void put_watch(struct guest *g) {
    char token[16];
    long at = g->at++;
    size_t length = (size_t)sprintf(token, "%02lx", at % WATCHES) + 1;
    put(g, at / WATCHES % 2 ? OP_UNWATCH : OP_WATCH, 0, deep(g, "deep", 5 + (int)(at % WATCHES)),
        token, length);
}

/* All of them watch what the first of them writes. */
void arrange_fires(struct guest *g) {
    char path[64];
    if (g->domid == FIRST) {
        static const char perms[] = "hot\0n2\0r0";
        put(g, OP_WRITE, 0, "hot", "x", 1);
        wire_put(&g->connection, OP_SET_PERMS, 0, perms, sizeof(perms));
        settle(g, 2);
    }
    sprintf(path, "/local/domain/%d/hot", FIRST);
    watch_all(g, path);
}
void put_fires(struct guest *g) {
    put(g, OP_WRITE, 0, g->domid == FIRST ? "hot" : "cold", "value", 1 + g->at++ % 5);
}

/* What the first of them has there, all of them may read. Returns whether this is the first. */
static bool share_data(struct guest *g) {
    static const char perms[] = "data\0r2";
    if (g->domid != FIRST)
        return false;
    put_path(g, OP_MKDIR, "data");
    wire_put(&g->connection, OP_SET_PERMS, 0, perms, sizeof(perms));
    settle(g, 2);
    return true;
}

/* A watch on what the first of them has. */
static void watch_first(struct guest *g, const char *path, int i) {
    char whole[2200];
    snprintf(whole, sizeof(whole), "/local/domain/%d/%s", FIRST, path);
    watch_one(g, whole, i);
    settle(g, 1);
}

/* All of them watch all that the first of them commits. */
void arrange_fan_out(struct guest *g) {
    if (share_data(g))
        make_nodes(g);
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, "data", i);
}
/* Each of them watches all of it with half of its watches, and as many nodes, one by one. */
void arrange_fan_out_each(struct guest *g) {
    if (share_data(g))
        make_nodes(g);
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, i % 2 ? "data" : node(g, (g->domid - FIRST) * WATCHES / 2 + i / 2), i);
}
/* Each level of a path is watched by one of them, as far as their watches go. */
void arrange_fan_out_deep(struct guest *g) {
    if (share_data(g)) {
        put_path(g, OP_MKDIR, deep(g, "data", NODES));
        settle(g, 1);
    }
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, deep(g, "data", 1 + (i * MOST + g->domid - FIRST) % NODES), i);
}

static void put_cold(struct guest *g) {
    put(g, OP_WRITE, 0, "cold", "value", 1 + g->at++ % 5);
}
void put_fan_out(struct guest *g) {
    if (g->domid == FIRST)
        put_commit(g);
    else
        put_cold(g);
}
/* As many levels as a transaction has memory for. */
void put_fan_out_deep(struct guest *g) {
    long at = g->domid == FIRST ? step(g) : -1;
    if (g->domid != FIRST)
        put_cold(g);
    else if (at >= 0 && at < NODES && at % 3 == 0)
        put(g, OP_WRITE, g->transaction, deep(g, "data", (int)at + 1), "value", 5);
}
/* A transaction that removes the nodes one by one, the next makes them again. */
void put_fan_out_remove(struct guest *g) {
    long at = g->domid == FIRST ? step(g) : -1;
    if (g->domid != FIRST)
        put_cold(g);
    else if (at >= 0 && at < NODES && g->transaction % 2)
        put(g, OP_RM, g->transaction, node(g, at), NULL, 0);
    else if (at >= 0 && at < NODES)
        put(g, OP_WRITE, g->transaction, node(g, at), "value", 5);
}

/* All of them watch what the first of them commits, and none of them may see it. */
void arrange_unseen(struct guest *g) {
    if (g->domid == FIRST)
        make_nodes(g);
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, "data", i);
}
