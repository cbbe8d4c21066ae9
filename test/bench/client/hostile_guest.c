/* What all kinds of hostile guests use. */
#include "hostile.h"
#include <stdio.h>
#include <string.h>

void put(struct guest *g, uint32_t type, uint32_t transaction, const char *path, const void *rest,
         size_t length) {
    char text[PAYLOAD_MAX];
    size_t size = strlen(path) + 1;
    memcpy(text, path, size);
    if (length)
        memcpy(text + size, rest, length);
    wire_put(&g->connection, type, transaction, text, size + length);
}

void put_path(struct guest *g, uint32_t type, const char *path) {
    put(g, type, 0, path, NULL, 0);
}

void count(const struct message *m) {
    long *sum = m->header.type == OP_EVENT   ? &common->events
                : m->header.type == OP_ERROR ? &common->errors
                                             : &common->replies;
    __atomic_add_fetch(sum, 1, __ATOMIC_RELAXED);
}

void settle(struct guest *g, int replies) {
    struct message m;
    wire_flush(&g->connection);
    while (replies > 0) {
        while (replies > 0 && wire_next(&g->connection, &m)) {
            replies -= m.header.type != OP_EVENT;
            count(&m);
        }
        if (replies > 0)
            wire_fill(&g->connection);
    }
}

const char *node(struct guest *g, long i) {
    sprintf(g->path, "data/%ld/%ld", i / TO_A_DIRECTORY, i % TO_A_DIRECTORY);
    return g->path;
}

const char *deep(struct guest *g, const char *first, int levels) {
    char *to = g->path + sprintf(g->path, "%s", first);
    for (int i = 1; i < levels; i++, to += 2)
        memcpy(to, "/a", 2);
    *to = 0;
    return g->path;
}

void make_nodes(struct guest *g) {
    for (int i = 0; i < NODES; i++) {
        put(g, OP_WRITE, 0, node(g, i), "value", 5);
        settle(g, 1);
    }
}

void watch_one(struct guest *g, const char *path, int i) {
    char token[16];
    put(g, OP_WATCH, 0, path, token, (size_t)sprintf(token, "%02x", i & 0xff) + 1);
}

void watch_all(struct guest *g, const char *path) {
    for (int i = 0; i < WATCHES; i++) {
        watch_one(g, path, i);
        settle(g, 1);
    }
}

long step(struct guest *g) {
    long at = g->at++ % (NODES + 3);
    if (at == 0) {
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++; /* numbers are given in order */
    } else if (at == NODES + 2) {
        wire_put(&g->connection, OP_END, g->transaction, "T", 2);
    }
    return at - 1;
}
