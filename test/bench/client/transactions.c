/* Transactions of ten requests: START, four reads, four writes, END; tried again after EAGAIN. */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 10

enum what { DISJOINT, SIBLINGS, COUNTER };
static enum what what;
static long ended, refused, born;

/* What a step reads or writes. */
static size_t path_of(struct client *c, long step, char *text) {
    switch (what) {
    case DISJOINT:
        return (size_t)sprintf(text, "/bench/tx/%d/node%ld", c->number, step % 4) + 1;
    case SIBLINGS:
        /* As toolstacks do: look at the common parent's own things, make a child of it. */
        if (step <= 4)
            return (size_t)sprintf(text, "/bench/tx/%d/node%ld", c->number, step % 4) + 1;
        return (size_t)sprintf(text, "/bench/tx/all/%d-%ld/%ld", c->number, c->at, step) + 1;
    default:
        return (size_t)sprintf(text, "/bench/tx/all/counter%ld", step % 4) + 1;
    }
}

static void put_step(struct client *c) {
    char text[256];
    long step = c->count % STEPS;
    if (step == 0) {
        wire_put(&c->connection, OP_START, 0, "", 1);
    } else if (step == STEPS - 1) {
        wire_put(&c->connection, OP_END, c->transaction, "T", 2);
    } else {
        size_t length = path_of(c, step, text);
        if (step > 4)
            length += (size_t)sprintf(text + length, "value of %016ld", born++);
        wire_put(&c->connection, step > 4 ? OP_WRITE : OP_READ, c->transaction, text, length);
    }
}

static void take_step(struct client *c, const struct message *m) {
    /* The count is already that of the next step. */
    long step = (c->count - 1) % STEPS;
    bool error = m->header.type == OP_ERROR;
    if (step == 0 && !error)
        c->transaction = (uint32_t)strtoul(m->payload, NULL, 10);
    if (step == STEPS - 1) {
        ended++;
        if (error && strcmp(m->payload, "EAGAIN") == 0)
            refused++;
        else if (!error)
            c->at++;
    } else if (error) {
        fprintf(stderr, "bench-client: a step is answered %s\n", m->payload);
        exit(1);
    }
}

static void run(const struct row *row, enum what kind) {
    char text[256];
    what = kind;
    struct client *clients = clients_open(row->clients, put_step, take_step);
    struct feed f = {.connection = &clients[0].connection};
    for (int i = 0; i < 4; i++) {
        size_t length = (size_t)sprintf(text, "/bench/tx/all/counter%d", i) + 1;
        feed(&f, OP_WRITE, text, length);
        for (int j = 0; j < row->clients; j++) {
            length = (size_t)sprintf(text, "/bench/tx/%d/node%d", j, i) + 1;
            feed(&f, OP_WRITE, text, length);
        }
    }
    feed_end(&f);
    struct load load = load_run(clients, row->clients, row->depth);
    report_load(&load);
    report("transactions", (double)ended);
    report("eagain", (double)refused);
    clients_close(clients, row->clients);
}

static void disjoint(const struct row *row) {
    run(row, DISJOINT);
}
static void siblings(const struct row *row) {
    run(row, SIBLINGS);
}
static void counter(const struct row *row) {
    run(row, COUNTER);
}

const struct row transaction_cases[] = {
    {"transaction", disjoint, 1, 1, 0, 0},     {"transaction-8", disjoint, 8, 1, 0, 0},
    {"transaction-64", disjoint, 64, 1, 0, 0}, {"siblings-8", siblings, 8, 1, 0, 0},
    {"siblings-64", siblings, 64, 1, 0, 0},    {"counter-8", counter, 8, 1, 0, 0},
    {"counter-64", counter, 64, 1, 0, 0},      {0},
};
