/* Requests outside transactions, on one connection or many, with nothing or idle ones beside. */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST "/bench/list"

size_t device_path(char *to, int domain) {
    return (size_t)sprintf(to, "/local/domain/%d/device/vif/0/state", domain + 1) + 1;
}

void make_devices(struct connection *c) {
    char text[256];
    for (int i = 0; i < DEVICES; i++) {
        size_t length = device_path(text, i);
        length += (size_t)sprintf(text + length, "twenty-five bytes of value");
        wire_must(c, OP_WRITE, 0, text, length);
    }
}

static char *device_of(struct client *c, char *text, size_t *length) {
    *length = device_path(text, (c->number + (int)c->at) % DEVICES);
    c->at++;
    return text;
}

static void put_read(struct client *c) {
    char text[256];
    size_t length;
    device_of(c, text, &length);
    wire_put(&c->connection, OP_READ, 0, text, length);
}

static void put_get_perms(struct client *c) {
    char text[256];
    size_t length;
    device_of(c, text, &length);
    wire_put(&c->connection, OP_GET_PERMS, 0, text, length);
}

static void put_write(struct client *c) {
    char text[256];
    size_t length;
    device_of(c, text, &length);
    length += (size_t)sprintf(text + length, "value of %016ld", c->at);
    wire_put(&c->connection, OP_WRITE, 0, text, length);
}

static void put_set_perms(struct client *c) {
    char text[256];
    size_t length;
    device_of(c, text, &length);
    memcpy(text + length, c->at / DEVICES % 2 ? "n0" : "r0", 3);
    wire_put(&c->connection, OP_SET_PERMS, 0, text, length + 3);
}

/* A hundred to a directory, as devices and their fields come. */
static void put_new(struct client *c) {
    char text[256];
    size_t length = (size_t)sprintf(text, "/bench/new/%ld/%ld", c->at / 100, c->at % 100) + 1;
    length += (size_t)sprintf(text + length, "value of %016ld", c->at);
    c->at++;
    wire_put(&c->connection, OP_WRITE, 0, text, length);
}

static void put_mkdir_rm(struct client *c) {
    char text[256];
    size_t length = (size_t)sprintf(text, "/bench/come/%ld", c->at / 2 % 100) + 1;
    wire_put(&c->connection, c->at % 2 ? OP_RM : OP_MKDIR, 0, text, length);
    c->at++;
}

static void put_list(struct client *c) {
    wire_put(&c->connection, OP_DIRECTORY, 0, LIST, sizeof(LIST));
}

static void put_part(struct client *c) {
    char text[64];
    size_t length = sizeof(LIST);
    memcpy(text, LIST, length);
    length += (size_t)sprintf(text + length, "%ld", c->at) + 1;
    wire_put(&c->connection, OP_DIRECTORY_PART, 0, text, length);
}

/* The next part begins where this one ended; two NULs say that there is none. */
static void take_part(struct client *c, const struct message *m) {
    if (m->header.type == OP_ERROR) {
        fprintf(stderr, "bench-client: a part is %s\n", m->payload);
        exit(1);
    }
    size_t generation = strlen(m->payload) + 1;
    long names = (long)(m->header.length - generation);
    bool last = names < 2 || !m->payload[m->header.length - 2];
    c->at = last ? 0 : c->at + names;
}

static void make_list(struct connection *c, int count) {
    struct feed f = {.connection = c};
    char text[64];
    for (int i = 0; i < count; i++)
        feed(&f, OP_MKDIR, text, (size_t)sprintf(text, LIST "/%d", i) + 1);
    feed_end(&f);
}

static void run(const struct row *row, next_request next, take_reply reply) {
    struct client *clients = clients_open(row->clients, next, reply);
    struct client *idle = row->beside ? clients_open(row->beside, NULL, NULL) : NULL;
    make_devices(&clients[0].connection);
    for (int i = 0; i < row->beside; i++)
        wire_must(&idle[i].connection, OP_READ, 0, "/", 2);
    struct load load = load_run(clients, row->clients, row->depth);
    report_load(&load);
    clients_close(clients, row->clients);
    if (idle)
        clients_close(idle, row->beside);
}

static void run_list(const struct row *row, next_request next, take_reply reply) {
    struct client *client = clients_open(1, next, reply);
    make_list(&client->connection, row->beside);
    struct load load = load_run(client, 1, row->depth);
    report_load(&load);
    clients_close(client, 1);
}

static void reads(const struct row *row) {
    run(row, put_read, NULL);
}
static void writes(const struct row *row) {
    run(row, put_write, NULL);
}
static void gets_perms(const struct row *row) {
    run(row, put_get_perms, NULL);
}
static void sets_perms(const struct row *row) {
    run(row, put_set_perms, NULL);
}
static void writes_new(const struct row *row) {
    run(row, put_new, NULL);
}
static void comes_and_goes(const struct row *row) {
    run(row, put_mkdir_rm, NULL);
}
static void lists(const struct row *row) {
    run_list(row, put_list, NULL);
}
static void lists_in_parts(const struct row *row) {
    run_list(row, put_part, take_part);
}

const struct row plain_cases[] = {
    {"read", reads, 1, 1, 0, 0},
    {"write", writes, 1, 1, 0, 0},
    {"read-16", reads, 1, 16, 0, 0},
    {"write-16", writes, 1, 16, 0, 0},
    {"write-new", writes_new, 1, 1, 0, 0},
    {"mkdir-rm", comes_and_goes, 1, 1, 0, 0},
    {"get-perms", gets_perms, 1, 1, 0, 0},
    {"set-perms", sets_perms, 1, 1, 0, 0},
    {"directory-10", lists, 1, 1, 10, 0},
    {"directory-1000", lists, 1, 1, 1000, 0},
    {"directory-part-100000", lists_in_parts, 1, 1, 100000, 0},
    {"busy-10", reads, 10, 1, 0, 0},
    {"busy-100", reads, 100, 1, 0, 0},
    {"busy-1000", reads, 1000, 1, 0, 0},
    {"busy-4000", reads, 4000, 1, 0, 0},
    {"idle-10", reads, 1, 1, 10, 0},
    {"idle-100", reads, 1, 1, 100, 0},
    {"idle-1000", reads, 1, 1, 1000, 0},
    {"idle-4000", reads, 1, 1, 4000, 0},
    {0},
};
