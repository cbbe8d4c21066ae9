/* Hostile guests with many nodes, long paths, large lists and old snapshots. */
#include "hostile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEP 500
#define NAMES 600
#define CROWD 10000
/* What a guest may have, nearly. */
#define LARGE_NODES 940
#define LARGE_VALUE 1900

/* 128 of the nodes that it makes and removes are watched. */
void arrange_deep(struct guest *g) {
    for (int i = 0; i < WATCHES; i++) {
        watch_one(g, deep(g, "deep", DEEP - i), i);
        settle(g, 1);
    }
}
void put_deep(struct guest *g) {
    if (g->at++ % 2)
        put_path(g, OP_RM, "deep");
    else
        put(g, OP_WRITE, 0, deep(g, "deep", DEEP), "x", 1);
}
void put_deepest(struct guest *g) {
    if (g->at++ % 2)
        put_path(g, OP_RM, "deep");
    else
        put_path(g, OP_MKDIR, deep(g, "deep", DEEPEST));
}

void arrange_status(struct guest *g) {
    char path[64];
    sprintf(path, "/tool/xenstored/domain/%d/connection", g->domid);
    struct message m = wire_must(&g->connection, OP_READ, 0, path, strlen(path) + 1);
    g->of = atoi(m.payload);
}
void put_status(struct guest *g) {
    static const char *const ends[] = {"", "/memory", "/nodes", "/transaction-nodes"};
    const char *end = ends[g->at / 2 % 4];
    bool other = g->at % 8 == 1;
    sprintf(g->path, "/tool/xenstored/%s/%d%s", other ? "connection" : "domain",
            other ? g->of : g->domid, other ? "" : end);
    put_path(g, g->at++ % 2 ? OP_DIRECTORY : OP_READ, g->path);
}

/* A directory of its own, as full as it may be; it changes before each listing. */
void arrange_list(struct guest *g) {
    for (int i = 0; i < NAMES; i++) {
        sprintf(g->path, "list/%c%c", 'A' + i / 25, 'A' + i % 25);
        put_path(g, OP_MKDIR, g->path);
        settle(g, 1);
    }
}
void put_list(struct guest *g) {
    static const uint32_t types[] = {OP_MKDIR, OP_DIRECTORY, OP_RM, OP_DIRECTORY};
    uint32_t type = types[g->at++ % 4];
    put_path(g, type, type == OP_DIRECTORY ? "list" : "list/zz");
}

/* One of Dom0's that everybody may read. */
void arrange_part(struct guest *g) {
    static const char perms[] = "/crowd\0r0";
    static bool made;
    struct feed f = {.connection = &dom0};
    char path[64];
    (void)g;
    for (int i = 0; i < CROWD && !made; i++)
        feed(&f, OP_MKDIR, path, (size_t)sprintf(path, "/crowd/%d", i) + 1);
    feed_end(&f);
    made = true;
    wire_must(&dom0, OP_SET_PERMS, 0, perms, sizeof(perms));
}
void put_part(struct guest *g) {
    char from[32];
    size_t length = (size_t)sprintf(from, "%ld", g->at++ * 3989 % 48890) + 1;
    put(g, OP_DIRECTORY_PART, 0, "/crowd", from, length);
}

void put_rewrite(struct guest *g) {
    static char value[LARGE_VALUE];
    long at = g->at++;
    put(g, OP_WRITE, 0, node(g, at % LARGE_NODES), value,
        sizeof(value) - (size_t)(at / LARGE_NODES % 2));
}

void put_set_perms(struct guest *g) {
    char perms[64];
    long at = g->at++;
    size_t length = (size_t)sprintf(perms, "%c%d", at / NODES % 2 ? 'n' : 'r', g->domid) + 1;
    put(g, OP_SET_PERMS, 0, node(g, at % NODES), perms, length);
}

void put_malformed(struct guest *g) {
    static const struct {
        uint32_t type;
        const char *payload;
        size_t length;
    } bad[] = {{99, "", 0},           {OP_READ, "no end", 6},      {OP_READ, "//\0", 3},
               {OP_WRITE, "", 0},     {OP_WATCH, "one\0", 4},      {OP_SET_PERMS, "a\0x9\0", 5},
               {OP_END, "X\0", 2},    {OP_MKDIR, "a/\0b", 4},      {OP_RM, "@x\0", 3},
               {OP_UNWATCH, "\0", 1}, {OP_DIRECTORY, "a\x80\0", 3}};
    long i = g->at++ % (long)(sizeof(bad) / sizeof(bad[0]));
    wire_put(&g->connection, bad[i].type, (uint32_t)(i % 3), bad[i].payload, bad[i].length);
}

/* Paths as long as they may be, of nodes that are not there. */
void put_nowhere(struct guest *g) {
    static const uint32_t types[] = {OP_READ, OP_GET_PERMS, OP_DIRECTORY, OP_RM};
    put_path(g, types[g->at++ % 4], deep(g, "x", 1000));
}

/* An old snapshot stays open. */
void arrange_snapshot(struct guest *g) {
    make_nodes(g);
    wire_put(&g->connection, OP_START, 0, "", 1);
    settle(g, 1);
}
void put_snapshot_write(struct guest *g) {
    static char value[2000];
    put(g, OP_WRITE, 0, node(g, g->at % NODES), value, sizeof(value) - (size_t)(g->at / NODES % 2));
    g->at++;
}
void put_snapshot_remove(struct guest *g) {
    long at = g->at++ % (NODES + 1);
    if (at == 0)
        put_path(g, OP_RM, "data");
    else
        put(g, OP_WRITE, 0, node(g, at - 1), "value", 5);
}
