#include "load.h"
#include "meter.h"
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MOST_SAMPLES 4000000
#define MOST_READY 64

struct limit limit = {.seconds = 0.3, .requests = 1000000};

static float *samples;
static long sample_count;
static struct load result;
static double end, last_reply;
static int running; /* clients with replies due */

static bool over(void) {
    return result.requests >= limit.requests || clock_now() >= end;
}

static void send_batch(struct client *c, int depth) {
    for (int i = 0; i < depth; i++)
        c->next(c);
    c->count += depth;
    c->waiting = depth;
    c->sent = clock_now();
    running++;
    wire_flush(&c->connection);
}

static void take_one(struct client *c, const struct message *m) {
    if (m->header.type == OP_EVENT) {
        result.events++;
        return;
    }
    if (c->reply) {
        c->reply(c, m);
    } else if (m->header.type == OP_ERROR) {
        fprintf(stderr, "bench-client: answered %s\n", m->payload);
        exit(1);
    }
    result.requests++;
    if (--c->waiting > 0)
        return;
    running--;
    last_reply = clock_now();
    if (sample_count < MOST_SAMPLES)
        samples[sample_count++] = (float)(last_reply - c->sent);
}

static void take_all(struct client *c) {
    struct message m;
    wire_fill(&c->connection);
    while (wire_next(&c->connection, &m))
        take_one(c, &m);
}

/* One connection alone: nothing but the calls that a simple client would make. */
static void run_one(struct client *c, int depth) {
    do {
        send_batch(c, depth);
        while (c->waiting > 0)
            take_all(c);
    } while (!over());
}

static void run_many(struct client *clients, int count, int depth) {
    struct epoll_event ready[MOST_READY];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        fail("epoll");
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].connection.fd, &event) != 0)
            fail("epoll");
    }
    for (int i = 0; i < count; i++)
        if (clients[i].next)
            send_batch(&clients[i], depth);
    /* Events may come after the last reply: only silence is the end of them. */
    for (bool ending = false;;) {
        int n = epoll_wait(epoll, ready, MOST_READY, running > 0 ? -1 : 20);
        if (n == 0)
            break;
        for (int i = 0; i < n; i++) {
            struct client *c = ready[i].data.ptr;
            take_all(c);
            if (!ending)
                ending = over();
            if (c->next && c->waiting == 0 && !ending)
                send_batch(c, depth);
        }
    }
    close(epoll);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

struct load load_run(struct client *clients, int count, int depth) {
    if (!samples)
        samples = malloc(MOST_SAMPLES * sizeof(*samples));
    result = (struct load){0};
    sample_count = 0;
    running = 0;
    double cpu = daemon_cpu();
    double start = clock_now();
    end = start + limit.seconds;
    if (count == 1)
        run_one(clients, depth);
    else
        run_many(clients, count, depth);
    result.seconds = last_reply - start;
    result.cpu = daemon_cpu() - cpu;
    qsort(samples, (size_t)sample_count, sizeof(*samples), ascending);
    result.p50 = samples[sample_count / 2];
    result.p99 = samples[sample_count * 99 / 100];
    result.longest = samples[sample_count - 1];
    return result;
}

struct client *clients_open(int count, next_request next, take_reply reply) {
    struct client *clients = calloc((size_t)count, sizeof(*clients));
    for (int i = 0; i < count; i++) {
        clients[i].next = next;
        clients[i].reply = reply;
        clients[i].number = i;
        wire_open(&clients[i].connection, store_path);
    }
    return clients;
}

void clients_close(struct client *clients, int count) {
    for (int i = 0; i < count; i++)
        wire_close(&clients[i].connection);
    free(clients);
}
