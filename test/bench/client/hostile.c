/*
 * One good guest among hostile ones: how much CPU time of the daemon passes between its request and
 * the reply. Each kind of hostile guest is a row: what it arranges once, and what it sends as fast
 * as it is taken.
 */
#include "hostile.h"
#include "meter.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOOD 1
#define ROUNDS 1000
/* Between two rounds of the good guest it rests, so that it meets every moment of a turn. */
#define REST_MICROSECONDS 2000
/* What a guest has on its way: more than a ring takes. */
#define AHEAD 32768
/* Requests of a transaction that is ended together with others, on their way at one time. */
#define AT_ONCE 16
/* The good guest's transactions beside them. */
#define HELD_ROUNDS 20
#define HELD_MICROSECONDS 100000

/* TOGETHER: each puts a transaction, and all of them end theirs at one moment. HELD: the good guest
 * has transactions that stay open for a while. DOM0: in the place of the good guest a client of
 * Dom0 writes what another one watches, which watches what the guests do as well. */
enum { SILENT = 1, BYTES = 2, DIES = 4, TOGETHER = 8, HELD = 16, DOM0 = 32 };
#define DOM0_WATCHES 10

struct kind {
    const char *name;
    void (*arrange)(struct guest *);
    void (*put)(struct guest *);
    int flags;
};

struct common *common;
struct connection dom0;

static void introduce(int domid) {
    char text[64];
    size_t length = (size_t)sprintf(text, "%d", domid) + 1;
    length += (size_t)sprintf(text + length, "1") + 1;
    length += (size_t)sprintf(text + length, "1") + 1;
    wire_must(&dom0, OP_INTRODUCE, 0, text, length);
    length = (size_t)sprintf(text, "/local/domain/%d", domid) + 1;
    wire_must(&dom0, OP_MKDIR, 0, text, length);
    length += (size_t)sprintf(text + length, "n%d", domid) + 1;
    wire_must(&dom0, OP_SET_PERMS, 0, text, length);
}

static void attach(struct guest *g) {
    char path[256];
    const char *directory = getenv("STORE_DOMAINS");
    introduce(g->domid);
    snprintf(path, sizeof(path), "%s/%d.sock", directory ? directory : ".", g->domid);
    wire_open(&g->connection, path);
}

static void simulate(const char *what, int domid) {
    char text[64];
    size_t length = (size_t)sprintf(text, "sim") + 1;
    length += (size_t)sprintf(text + length, "%s", what) + 1;
    length += (size_t)sprintf(text + length, "%d", domid) + 1;
    wire_must(&dom0, OP_CONTROL, 0, text, length);
}

/* It lives, has all that it may, and dies; again and again. */
static void live_and_die(struct guest *g) {
    wire_open(&dom0, store_path);
    for (;;) {
        g->kind->arrange(g);
        simulate("destroy", g->domid);
        wire_close(&g->connection);
        simulate("create", g->domid);
        attach(g);
    }
}

/* Name, what is arranged, what is sent, flags. */
#define KINDS(X)                                                                                   \
    X("deep-watched", arrange_deep, put_deep, 0)                                                   \
    X("deep", NULL, put_deep, 0)                                                                   \
    X("deepest", NULL, put_deepest, 0)                                                             \
    X("status", arrange_status, put_status, 0)                                                     \
    X("list", arrange_list, put_list, 0)                                                           \
    X("list-part", arrange_part, put_part, 0)                                                      \
    X("conflict", make_nodes, put_conflict, 0)                                                     \
    X("commit", make_nodes, put_commit, 0)                                                         \
    X("commit-watched", arrange_watched_nodes, put_commit, 0)                                      \
    X("commit-remove", make_nodes, put_commit_remove, 0)                                           \
    X("burst", arrange_burst, put_burst, TOGETHER)                                                 \
    X("burst-paths", arrange_burst, put_burst_paths, TOGETHER)                                     \
    X("rewrite", NULL, put_rewrite, HELD)                                                          \
    X("dom0-watches", make_nodes, put_commit, DOM0)                                                \
    X("set-perms", arrange_watched_nodes, put_set_perms, 0)                                        \
    X("watch", NULL, put_watch, 0)                                                                 \
    X("fires", arrange_fires, put_fires, 0)                                                        \
    X("fan-out", arrange_fan_out, put_fan_out, 0)                                                  \
    X("fan-out-each", arrange_fan_out_each, put_fan_out, 0)                                        \
    X("fan-out-deep", arrange_fan_out_deep, put_fan_out_deep, 0)                                   \
    X("fan-out-remove", arrange_fan_out, put_fan_out_remove, 0)                                    \
    X("unseen", arrange_unseen, put_fan_out, 0)                                                    \
    X("reset", make_nodes, put_reset, 0)                                                           \
    X("silent", arrange_fires, put_fires, SILENT)                                                  \
    X("malformed", NULL, put_malformed, BYTES)                                                     \
    X("nowhere", NULL, put_nowhere, 0)                                                             \
    X("nowhere-removed", NULL, put_nowhere_removed, 0)                                             \
    X("snapshot-write", arrange_snapshot, put_snapshot_write, 0)                                   \
    X("snapshot-remove", arrange_snapshot, put_snapshot_remove, 0)                                 \
    X("death", arrange_watched_nodes, NULL, DIES)

#define KIND(name, arrange, put, flags) {name, arrange, put, flags},
static const struct kind kinds[] = {KINDS(KIND)};

/* Sends as fast as it is taken. */
static void load(struct guest *g) {
    struct connection *c = &g->connection;
    const int flags = g->kind->flags;
    size_t sent = 0;
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    for (;;) {
        if (sent == c->out_length)
            sent = c->out_length = 0;
        while (c->out_length < AHEAD && sent == 0)
            g->kind->put(g);
        struct pollfd ready = {c->fd, (short)(flags & SILENT ? POLLOUT : POLLOUT | POLLIN), 0};
        poll(&ready, 1, -1);
        if (ready.revents & POLLIN) {
            wire_fill(c);
            for (struct message m; wire_next(c, &m);)
                count(&m);
        }
        ssize_t n = write(c->fd, c->out + sent, flags & BYTES ? 1 : c->out_length - sent);
        if (n < 0 && errno != EAGAIN)
            _exit(0);
        sent += n > 0 ? (size_t)n : 0;
    }
}

/* Prepares a transaction, waits until all of them have, and ends it. */
static void end_together(struct guest *g) {
    for (;;) {
        for (int left = TOGETHER_STEPS; left > 0; left -= AT_ONCE) {
            int now = left < AT_ONCE ? left : AT_ONCE;
            for (int i = 0; i < now; i++)
                g->kind->put(g);
            settle(g, now);
        }
        pthread_barrier_wait(&common->moment);
        wire_put(&g->connection, OP_END, g->transaction, "T", 2);
        settle(g, 1);
    }
}

static pid_t start(struct guest *g) {
    pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (g->kind->flags & DIES)
        live_and_die(g);
    if (g->kind->flags & TOGETHER)
        end_together(g);
    load(g);
    return 0;
}

/* Reads its events for ever. */
static void watch_in_dom0(void) {
    struct connection c;
    char text[64];
    wire_open(&c, store_path);
    for (int i = 0; i < DOM0_WATCHES; i++) {
        size_t length = (size_t)sprintf(text, "/local/domain") + 1;
        length += (size_t)sprintf(text + length, "%d", i) + 1;
        wire_must(&c, OP_WATCH, 0, text, length);
    }
    for (struct message m;; wire_fill(&c))
        while (wire_next(&c, &m))
            ;
}

static pid_t start_watcher(void) {
    pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    watch_in_dom0();
    return 0;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* In turn a WRITE and a READ of a node of its own, or a WRITE each time. */
static void rounds(struct connection *c, bool writes) {
    static double waits[ROUNDS];
    double clocks = 0;
    for (int i = 0; i < ROUNDS; i++) {
        usleep((useconds_t)(rand() % REST_MICROSECONDS));
        double clock = clock_now(), cpu = daemon_clock();
        if (writes)
            wire_must(c, OP_WRITE, 0, "/local/domain/0/own\0value", 25);
        else
            wire_must(c, i % 2 ? OP_READ : OP_WRITE, 0, "own\0value", i % 2 ? 4 : 9);
        waits[i] = daemon_clock() - cpu;
        clock = clock_now() - clock;
        clocks = clock > clocks ? clock : clocks;
    }
    qsort(waits, ROUNDS, sizeof(*waits), ascending);
    report("requests", ROUNDS);
    report("median", waits[ROUNDS / 2]);
    report("p99", waits[ROUNDS * 99 / 100]);
    report("worst", waits[ROUNDS - 1]);
    report("clock", clocks);
}

/* Transactions that read and write a node of its own, with a rest between the two. */
static void held_rounds(struct guest *good) {
    struct connection *c = &good->connection;
    long failed = 0;
    wire_must(c, OP_WRITE, 0, "own\0value", 9);
    for (int i = 0; i < HELD_ROUNDS; i++) {
        struct message m = wire_must(c, OP_START, 0, "", 1);
        uint32_t transaction = (uint32_t)strtoul(m.payload, NULL, 10);
        wire_ask(c, OP_READ, transaction, "own", 4);
        usleep(HELD_MICROSECONDS);
        wire_ask(c, OP_WRITE, transaction, "own\0value", 9);
        failed += wire_ask(c, OP_END, transaction, "T", 2).header.type == OP_ERROR;
    }
    report("transactions", HELD_ROUNDS);
    report("eagain", (double)failed);
}

static const struct kind *kind_of(const char *name) {
    const char *own = name + strlen("hostile-");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].name);
        if (strncmp(own, kinds[i].name, length) == 0 &&
            (own[length] == 0 || strcmp(own + length, "-8") == 0))
            return &kinds[i];
    }
    fail(name);
}

static struct common *share_common(int guests) {
    pthread_barrierattr_t shared;
    struct common *made =
        mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED)
        fail("mmap");
    pthread_barrierattr_init(&shared);
    pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&made->moment, &shared, (unsigned)guests);
    return made;
}

static void hostile(const struct row *row) {
    struct guest good = {.domid = GOOD}, *guests = calloc(MOST, sizeof(*guests));
    pid_t children[MOST];
    common = share_common(row->clients);
    wire_open(&dom0, store_path);
    attach(&good);
    for (int i = 0; i < row->clients; i++) {
        guests[i] = (struct guest){.kind = kind_of(row->name), .domid = FIRST + i};
        attach(&guests[i]);
    }
    for (int i = 0; i < row->clients; i++)
        if (guests[i].kind->arrange && !(guests[i].kind->flags & DIES))
            guests[i].kind->arrange(&guests[i]);
    const int flags = guests[0].kind->flags;
    pid_t watcher = flags & DOM0 ? start_watcher() : 0;
    for (int i = 0; i < row->clients; i++)
        children[i] = start(&guests[i]);
    usleep(200000);
    meter_hurry();
    if (flags & HELD)
        held_rounds(&good);
    else
        rounds(flags & DOM0 ? &dom0 : &good.connection, flags & DOM0);
    report("replies", (double)common->replies);
    report("errors", (double)common->errors);
    report("events", (double)common->events);
    if (watcher) {
        kill(watcher, SIGKILL);
        waitpid(watcher, NULL, 0);
    }
    for (int i = 0; i < row->clients; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
        wire_close(&guests[i].connection);
    }
}

#define ROWS(name, arrange, put, flags)                                                            \
    {"hostile-" name, hostile, 1, 1, 0, 0}, {"hostile-" name "-8", hostile, MOST, 1, 0, 0},
const struct row hostile_cases[] = {KINDS(ROWS){0}};
