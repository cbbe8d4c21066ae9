/* Much at once: filling, removing, and what it takes in memory. */
#include "bench.h"
#include "meter.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t node_path(char *to, const char *base, long i) {
    return (size_t)sprintf(to, "%s/%ld/%ld", base, i / 1000, i % 1000) + 1;
}

static void make_nodes(struct connection *c, const char *base, long count) {
    struct feed f = {.connection = c};
    char text[256];
    for (long i = 0; i < count; i++) {
        size_t length = node_path(text, base, i);
        length += (size_t)sprintf(text + length, "value-%ld", i);
        feed(&f, OP_WRITE, text, length);
    }
    feed_end(&f);
}

static void put_read(struct client *c) {
    char text[256];
    wire_put(&c->connection, OP_READ, 0, text, device_path(text, 0));
}

static void *remove_it(void *connection) {
    usleep(50000);
    wire_must(connection, OP_RM, 0, "/bench/many", sizeof("/bench/many"));
    return NULL;
}

/* One connection has a subtree removed while another reads: how long does that wait? */
static void removing(const struct row *row) {
    struct client *client = clients_open(1, put_read, NULL);
    struct connection other;
    pthread_t thread;
    wire_open(&other, store_path);
    make_devices(&client->connection);
    make_nodes(&other, "/bench/many", row->beside);
    double cpu = daemon_cpu();
    limit.seconds = 1.5;
    pthread_create(&thread, NULL, remove_it, &other);
    struct load load = load_run(client, 1, 1);
    pthread_join(thread, NULL);
    load.cpu = daemon_cpu() - cpu;
    report_load(&load);
    wire_close(&other);
    clients_close(client, 1);
}

static void filling(const struct row *row) {
    struct client *client = clients_open(1, NULL, NULL);
    struct feed f = {.connection = &client->connection};
    struct load load = {.requests = row->beside};
    char text[64];
    double cpu = daemon_cpu(), start = clock_now();
    for (int i = 0; i < row->beside; i++) {
        size_t length = (size_t)sprintf(text, "/bench/fill/%d", i) + 1;
        feed(&f, OP_WRITE, text, length + (size_t)sprintf(text + length, "value-%d", i));
    }
    feed_end(&f);
    load.seconds = clock_now() - start;
    load.cpu = daemon_cpu() - cpu;
    report_load(&load);
    clients_close(client, 1);
}

static void report_memory(double before) {
    daemon_cpu(); /* once it has come to rest */
    report("added", daemon_memory() - before);
}

static void nodes_take(const struct row *row) {
    struct client *client = clients_open(1, NULL, NULL);
    make_devices(&client->connection);
    daemon_cpu();
    double before = daemon_memory();
    make_nodes(&client->connection, "/bench/nodes", row->beside);
    report_memory(before);
    clients_close(client, 1);
}

static void connections_take(const struct row *row) {
    struct client *client = clients_open(1, NULL, NULL);
    make_devices(&client->connection);
    daemon_cpu();
    double before = daemon_memory();
    struct client *more = clients_open(row->beside, NULL, NULL);
    for (int i = 0; i < row->beside; i++)
        wire_must(&more[i].connection, OP_READ, 0, "/", 2);
    report_memory(before);
    clients_close(more, row->beside);
    clients_close(client, 1);
}

static void watches_take(const struct row *row) {
    char text[64];
    struct client *client = clients_open(1, NULL, NULL);
    make_devices(&client->connection);
    daemon_cpu();
    double before = daemon_memory();
    struct feed f = {.connection = &client->connection};
    for (int i = 0; i < row->beside; i++) {
        size_t length = node_path(text, "/bench/watched", i);
        feed(&f, OP_WATCH, text, length + (size_t)sprintf(text + length, "token") + 1);
    }
    feed_end(&f);
    report_memory(before);
    clients_close(client, 1);
}

static void put_write(struct client *c) {
    char text[256];
    size_t length = node_path(text, "/bench/nodes", c->at % 100000);
    length += (size_t)sprintf(text + length, "value of %016ld", c->at++);
    wire_put(&c->connection, OP_WRITE, 0, text, length);
}

/* The longest of many writes with a large store: what a collector would stop. */
static void pausing(const struct row *row) {
    struct client *client = clients_open(1, put_write, NULL);
    make_nodes(&client->connection, "/bench/nodes", row->beside);
    limit.seconds = 2;
    struct load load = load_run(client, 1, 1);
    report_load(&load);
    clients_close(client, 1);
}

const struct row bulk_cases[] = {
    {"rm-100000", removing, 1, 1, 100000, 0},
    {"fill-100000", filling, 1, 1, 100000, 0},
    {"memory-0", nodes_take, 1, 1, 0, 0},
    {"memory-10000", nodes_take, 1, 1, 10000, 0},
    {"memory-100000", nodes_take, 1, 1, 100000, 0},
    {"memory-1000000", nodes_take, 1, 1, 1000000, 0},
    {"memory-1000-connections", connections_take, 1, 1, 1000, 0},
    {"memory-50000-watches", watches_take, 1, 1, 50000, 0},
    {"pauses-100000", pausing, 1, 1, 100000, 0},
    {0},
};
