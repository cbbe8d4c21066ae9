/*
 * Domains simulated by the daemon's test mode: each has a socket of its own below
 * the directory STORE_DOMAINS, and the domain's rights and quotas.
 */
#include "bench.h"
#include "meter.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 1

static void introduce(struct connection *c, int domid) {
    char text[64];
    size_t length = (size_t)sprintf(text, "%d", domid) + 1;
    length += (size_t)sprintf(text + length, "1") + 1;
    length += (size_t)sprintf(text + length, "1") + 1;
    wire_must(c, OP_INTRODUCE, 0, text, length);
    length = (size_t)sprintf(text, "/local/domain/%d", domid) + 1;
    wire_must(c, OP_MKDIR, 0, text, length);
    length += (size_t)sprintf(text + length, "n%d", domid) + 1;
    wire_must(c, OP_SET_PERMS, 0, text, length);
}

/* Few to a directory: what a node may take counts the names of its children. */
static size_t guest_path(char *to, long i) {
    return (size_t)sprintf(to, "data/%ld/%ld", i / 30, i % 30) + 1;
}

static void put_write(struct client *c) {
    char text[256];
    size_t length = guest_path(text, c->at++ % 900);
    length += (size_t)sprintf(text + length, "value of %016ld", c->at);
    wire_put(&c->connection, OP_WRITE, 0, text, length);
}

/* Every domain fills what it may, then all of them write. */
static void domains(const struct row *row) {
    const char *directory = getenv("STORE_DOMAINS");
    struct client *guests = calloc((size_t)row->clients, sizeof(*guests));
    struct client *dom0 = clients_open(1, NULL, NULL);
    double before = daemon_memory();
    for (int i = 0; i < row->clients; i++) {
        char path[256];
        introduce(&dom0->connection, FIRST + i);
        snprintf(path, sizeof(path), "%s/%d.sock", directory ? directory : ".", FIRST + i);
        guests[i].number = i;
        guests[i].next = put_write;
        wire_open(&guests[i].connection, path);
    }
    double cpu = daemon_cpu(), start = clock_now();
    for (int i = 0; i < row->clients; i++) {
        struct feed f = {.connection = &guests[i].connection};
        for (int j = 0; j < row->beside; j++) {
            char text[64];
            size_t length = guest_path(text, j);
            feed(&f, OP_WRITE, text, length + (size_t)sprintf(text + length, "value-%d", j));
        }
        feed_end(&f);
    }
    report("filled", clock_now() - start);
    report("fill-cpu", (daemon_cpu() - cpu) * 1e5 / row->clients / row->beside);
    report("added", daemon_memory() - before);
    struct load load = load_run(guests, row->clients, row->depth);
    report_load(&load);
    clients_close(guests, row->clients);
    clients_close(dom0, 1);
}

/* A domain may own 1,000 nodes; the directories make it 994. */
const struct row domain_cases[] = {
    {"domains-1000", domains, 1000, 1, 960, 0},
    {0},
};
