/* Watches: set and unset, unrelated to a write, fired by it, and what connections that come and go
 * cost. */
#include "bench.h"
#include "meter.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `row->beside` watches on `row->spread` connections, on nodes that nobody writes. */
static struct client *set_watches(const struct row *row, int count, int spread) {
    char text[256];
    struct client *others = clients_open(spread, NULL, NULL);
    int each = (count + spread - 1) / spread;
    for (int i = 0; i < spread; i++) {
        struct feed f = {.connection = &others[i].connection};
        for (int j = i * each; j < (i + 1) * each && j < count; j++) {
            size_t length =
                (size_t)sprintf(text, "/local/domain/%d/backend/vbd/%d", j / 50 + 100, j % 50) + 1;
            length += (size_t)sprintf(text + length, "%s-%d", row->name, j) + 1;
            feed(&f, OP_WATCH, text, length);
        }
        feed_end(&f);
    }
    return others;
}

static void put_write(struct client *c) {
    char text[256];
    size_t length = device_path(text, (int)(c->at % DEVICES));
    length += (size_t)sprintf(text + length, "value of %016ld", c->at++);
    wire_put(&c->connection, OP_WRITE, 0, text, length);
}

static void unrelated(const struct row *row) {
    struct client *client = clients_open(1, put_write, NULL);
    make_devices(&client->connection);
    struct client *others = set_watches(row, row->beside, row->spread);
    struct load load = load_run(client, 1, 1);
    report_load(&load);
    clients_close(others, row->spread);
    clients_close(client, 1);
}

/* WATCH and UNWATCH in turn: each WATCH has an event, which is on its way before the next reply. */
static void put_watch(struct client *c) {
    char text[256];
    size_t length = device_path(text, (int)(c->at / 2 % DEVICES));
    length += (size_t)sprintf(text + length, "token") + 1;
    wire_put(&c->connection, c->at % 2 ? OP_UNWATCH : OP_WATCH, 0, text, length);
    c->at++;
}

static void watching(const struct row *row) {
    struct client *client;
    if (row->beside) {
        client = set_watches(row, row->beside, 1);
        client->next = put_watch;
    } else {
        client = clients_open(1, put_watch, NULL);
    }
    make_devices(&client->connection);
    struct load load = load_run(client, 1, 1);
    report_load(&load);
    clients_close(client, 1);
}

static void put_fire(struct client *c) {
    char text[64];
    size_t length = (size_t)sprintf(text, "/bench/fire") + 1;
    length += (size_t)sprintf(text + length, "value of %016ld", c->at++);
    wire_put(&c->connection, OP_WRITE, 0, text, length);
}

/* `row->beside` watches on `row->spread` connections, all on the node that is written. */
static void firing(const struct row *row) {
    char text[64];
    int count = row->spread + 1;
    struct client *clients = clients_open(count, NULL, NULL);
    clients[0].next = put_fire;
    wire_must(&clients[0].connection, OP_WRITE, 0, "/bench/fire\0x", 13);
    for (int i = 0; i < row->beside; i++) {
        struct connection *to = &clients[1 + i % row->spread].connection;
        size_t length = (size_t)sprintf(text, "/bench/fire") + 1;
        length += (size_t)sprintf(text + length, "token-%d", i) + 1;
        wire_must(to, OP_WATCH, 0, text, length);
    }
    struct load load = load_run(clients, count, 1);
    report_load(&load);
    report("due", (double)load.requests * row->beside);
    clients_close(clients, count);
}

/* What a tool does that waits for a node: connects, watches, reads, goes. */
static void visiting(const struct row *row) {
    struct client *others = set_watches(row, row->beside, row->spread);
    struct client *first = clients_open(1, NULL, NULL);
    make_devices(&first->connection);
    struct load load = {0};
    double cpu = daemon_cpu(), start = clock_now();
    do {
        struct connection c;
        char text[256];
        size_t length = device_path(text, (int)(load.requests % DEVICES));
        size_t with_token = length + (size_t)sprintf(text + length, "token") + 1;
        wire_open(&c, store_path);
        wire_must(&c, OP_WATCH, 0, text, with_token);
        wire_must(&c, OP_READ, 0, text, length);
        wire_close(&c);
        load.requests++;
        load.seconds = clock_now() - start;
    } while (load.seconds < limit.seconds && load.requests < limit.requests);
    load.cpu = daemon_cpu() - cpu;
    report_load(&load);
    clients_close(first, 1);
    clients_close(others, row->spread);
}

const struct row watch_cases[] = {
    {"watch", watching, 1, 1, 0, 1},
    {"watch-1000", watching, 1, 1, 1000, 1},
    {"watch-50000", watching, 1, 1, 50000, 1},
    {"beside-1000", unrelated, 1, 1, 1000, 1},
    {"beside-10000", unrelated, 1, 1, 10000, 1},
    {"beside-50000", unrelated, 1, 1, 50000, 1},
    {"beside-1000-of-1000", unrelated, 1, 1, 1000, 1000},
    {"beside-10000-of-1000", unrelated, 1, 1, 10000, 1000},
    {"beside-50000-of-1000", unrelated, 1, 1, 50000, 1000},
    {"fires-1", firing, 1, 1, 1, 1},
    {"fires-10", firing, 1, 1, 10, 1},
    {"fires-1000", firing, 1, 1, 1000, 1},
    {"fires-10-of-10", firing, 1, 1, 10, 10},
    {"fires-1000-of-1000", firing, 1, 1, 1000, 1000},
    {"visit", visiting, 1, 1, 0, 1},
    {"visit-50000", visiting, 1, 1, 50000, 1000},
    {0},
};
