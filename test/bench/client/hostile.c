/*
 * One good guest among hostile ones: how much CPU time of the daemon passes between its request and
 * the reply. Each kind of hostile guest is a row: what it arranges once, and what it sends as fast
 * as it is taken.
 */
#include "bench.h"
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
#define FIRST 2
#define MOST 8
#define ROUNDS 1000
/* Between two rounds of the good guest it rests, so that it meets every moment of a turn. */
#define REST_MICROSECONDS 2000
/* Quotas of a guest: 1,000 nodes, 128 watches, 10 transactions, 2,048 bytes of path. */
#define WATCHES 128
#define TRANSACTIONS 10
#define DEEP 500
#define DEEPEST 950
#define NODES 900
#define TO_A_DIRECTORY 30
#define NAMES 600
#define CROWD 10000
/* What a guest has on its way: more than a ring takes. */
#define AHEAD 32768
/* Of transactions that are ended at one moment. The oldest snapshot's guest is charged what the
 * others commit beside it: longer values would make most of them fail. */
#define LONG_VALUE 200
#define LONG_PATH 1150
#define AT_ONCE 16
#define TOGETHER_STEPS (NODES + 2)
/* What a guest may have, nearly. */
#define LARGE_NODES 940
#define LARGE_VALUE 1900
/* The good guest's transactions beside them. */
#define HELD_ROUNDS 20
#define HELD_MICROSECONDS 100000

struct kind;

struct guest {
    struct connection connection;
    const struct kind *kind;
    int domid;
    long at; /* requests made */
    uint32_t transaction;
    int of; /* the number of its link */
    char path[2100];
};

/* TOGETHER: each puts a transaction, and all of them end theirs at one moment. HELD: the good guest
 * has transactions that stay open for a while. */
enum { SILENT = 1, BYTES = 2, DIES = 4, TOGETHER = 8, HELD = 16 };

struct kind {
    const char *name;
    void (*arrange)(struct guest *);
    void (*put)(struct guest *);
    int flags;
};

/* What the processes of the guests have in common. */
struct common {
    long replies, errors, events; /* what the hostile guests were answered */
    pthread_barrier_t moment;     /* at which all of them end their transactions */
};
static struct common *common;
static struct connection dom0;

/* A request with a path, and what follows it. */
static void put(struct guest *g, uint32_t type, uint32_t transaction, const char *path,
                const void *rest, size_t length) {
    char text[PAYLOAD_MAX];
    size_t size = strlen(path) + 1;
    memcpy(text, path, size);
    if (length)
        memcpy(text + size, rest, length);
    wire_put(&g->connection, type, transaction, text, size + length);
}

static void put_path(struct guest *g, uint32_t type, const char *path) {
    put(g, type, 0, path, NULL, 0);
}

static void count(const struct message *m) {
    long *sum = m->header.type == OP_EVENT   ? &common->events
                : m->header.type == OP_ERROR ? &common->errors
                                             : &common->replies;
    __atomic_add_fetch(sum, 1, __ATOMIC_RELAXED);
}

/* Sends what is collected and waits for as many replies. */
static void settle(struct guest *g, int replies) {
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

static const char *node(struct guest *g, long i) {
    sprintf(g->path, "data/%ld/%ld", i / TO_A_DIRECTORY, i % TO_A_DIRECTORY);
    return g->path;
}

static const char *deep(struct guest *g, const char *first, int levels) {
    char *to = g->path + sprintf(g->path, "%s", first);
    for (int i = 1; i < levels; i++, to += 2)
        memcpy(to, "/a", 2);
    *to = 0;
    return g->path;
}

static void make_nodes(struct guest *g) {
    for (int i = 0; i < NODES; i++) {
        put(g, OP_WRITE, 0, node(g, i), "value", 5);
        settle(g, 1);
    }
}

/* `path` with tokens of two hexadecimal digits. */
static void watch_one(struct guest *g, const char *path, int i) {
    char token[16];
    put(g, OP_WATCH, 0, path, token, (size_t)sprintf(token, "%02x", i & 0xff) + 1);
}

static void watch_all(struct guest *g, const char *path) {
    for (int i = 0; i < WATCHES; i++) {
        watch_one(g, path, i);
        settle(g, 1);
    }
}

/* 128 of the nodes that it makes and removes are watched. */
static void arrange_deep(struct guest *g) {
    for (int i = 0; i < WATCHES; i++) {
        watch_one(g, deep(g, "deep", DEEP - i), i);
        settle(g, 1);
    }
}
static void put_deep(struct guest *g) {
    if (g->at++ % 2)
        put_path(g, OP_RM, "deep");
    else
        put(g, OP_WRITE, 0, deep(g, "deep", DEEP), "x", 1);
}
static void put_deepest(struct guest *g) {
    if (g->at++ % 2)
        put_path(g, OP_RM, "deep");
    else
        put_path(g, OP_MKDIR, deep(g, "deep", DEEPEST));
}

static void arrange_status(struct guest *g) {
    char path[64];
    sprintf(path, "/tool/xenstored/domain/%d/connection", g->domid);
    struct message m = wire_must(&g->connection, OP_READ, 0, path, strlen(path) + 1);
    g->of = atoi(m.payload);
}
static void put_status(struct guest *g) {
    static const char *const ends[] = {"", "/memory", "/nodes", "/transaction-nodes"};
    const char *end = ends[g->at / 2 % 4];
    bool other = g->at % 8 == 1;
    sprintf(g->path, "/tool/xenstored/%s/%d%s", other ? "connection" : "domain",
            other ? g->of : g->domid, other ? "" : end);
    put_path(g, g->at++ % 2 ? OP_DIRECTORY : OP_READ, g->path);
}

/* A directory of its own, as full as it may be; it changes before each listing. */
static void arrange_list(struct guest *g) {
    for (int i = 0; i < NAMES; i++) {
        sprintf(g->path, "list/%c%c", 'A' + i / 25, 'A' + i % 25);
        put_path(g, OP_MKDIR, g->path);
        settle(g, 1);
    }
}
static void put_list(struct guest *g) {
    static const uint32_t types[] = {OP_MKDIR, OP_DIRECTORY, OP_RM, OP_DIRECTORY};
    uint32_t type = types[g->at++ % 4];
    put_path(g, type, type == OP_DIRECTORY ? "list" : "list/zz");
}

/* One of Dom0's that everybody may read. */
static void arrange_part(struct guest *g) {
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
static void put_part(struct guest *g) {
    char from[32];
    size_t length = (size_t)sprintf(from, "%ld", g->at++ * 3989 % 48890) + 1;
    put(g, OP_DIRECTORY_PART, 0, "/crowd", from, length);
}

/* A transaction's steps: START, one with each node, what comes before END, END. */
static long step(struct guest *g) {
    long at = g->at++ % (NODES + 3);
    if (at == 0) {
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++; /* numbers are given in order */
    } else if (at == NODES + 2) {
        wire_put(&g->connection, OP_END, g->transaction, "T", 2);
    }
    return at - 1;
}
static void put_conflict(struct guest *g) {
    long at = step(g);
    if (at == 0)
        put(g, OP_WRITE, g->transaction, "other", "x", 1);
    else if (at == NODES)
        put(g, OP_WRITE, 0, node(g, NODES - 1), "changed", g->transaction % 7);
    else if (at >= 0 && at < NODES)
        put(g, OP_READ, g->transaction, node(g, at), NULL, 0);
}
static void put_commit(struct guest *g) {
    long at = step(g);
    if (at >= 0 && at < NODES)
        put(g, OP_WRITE, g->transaction, node(g, at), "value", 5);
}
static void arrange_watched_nodes(struct guest *g) {
    make_nodes(g);
    watch_all(g, "data");
}
/* One that removes all, the next makes all again. */
static void put_commit_remove(struct guest *g) {
    bool makes = g->transaction % 2 == 0;
    long at = step(g);
    if (at >= 0 && at < NODES && (makes || at == 0))
        put(g, makes ? OP_WRITE : OP_RM, g->transaction, makes ? node(g, at) : "data", "value",
            makes ? 5 : 0);
}

/* Steps of a transaction that is ended together with those of others: what comes before, START, one
 * with each node. */
static long step_together(struct guest *g) {
    long at = g->at++ % TOGETHER_STEPS;
    if (at == 1) {
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++;
    }
    return at - 2;
}
static void put_burst(struct guest *g) {
    static char value[LONG_VALUE];
    long at = step_together(g);
    if (at == -2)
        put_path(g, OP_READ, "data");
    else if (at >= 0)
        put(g, OP_WRITE, g->transaction, node(g, at), value, LONG_VALUE - g->transaction % 2);
}
/* They are made: those of before are removed first. */
static void put_burst_paths(struct guest *g) {
    long at = step_together(g);
    if (at == -2)
        put_path(g, OP_RM, "data");
    if (at < 0)
        return;
    int start = sprintf(g->path, "data/");
    memset(g->path + start, 'a', (size_t)(LONG_PATH - start));
    sprintf(g->path + LONG_PATH, "/%ld/%ld", at / TO_A_DIRECTORY, at % TO_A_DIRECTORY);
    put(g, OP_WRITE, g->transaction, g->path, "value", 5);
}
static void arrange_burst(struct guest *g) {
    make_nodes(g);
    watch_one(g, "data", 0);
    settle(g, 1);
}

static void put_rewrite(struct guest *g) {
    static char value[LARGE_VALUE];
    long at = g->at++;
    put(g, OP_WRITE, 0, node(g, at % LARGE_NODES), value,
        sizeof(value) - (size_t)(at / LARGE_NODES % 2));
}

static void put_set_perms(struct guest *g) {
    char perms[64];
    long at = g->at++;
    size_t length = (size_t)sprintf(perms, "%c%d", at / NODES % 2 ? 'n' : 'r', g->domid) + 1;
    put(g, OP_SET_PERMS, 0, node(g, at % NODES), perms, length);
}

static void put_watch(struct guest *g) {
    char token[16];
    long at = g->at++;
    size_t length = (size_t)sprintf(token, "%02lx", at % WATCHES) + 1;
    put(g, at / WATCHES % 2 ? OP_UNWATCH : OP_WATCH, 0, deep(g, "deep", 5 + (int)(at % WATCHES)),
        token, length);
}

/* All of them watch what the first of them writes. */
static void arrange_fires(struct guest *g) {
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
static void put_fires(struct guest *g) {
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
static void arrange_fan_out(struct guest *g) {
    if (share_data(g))
        make_nodes(g);
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, "data", i);
}
/* Each of them watches all of it with half of its watches, and as many nodes, one by one. */
static void arrange_fan_out_each(struct guest *g) {
    if (share_data(g))
        make_nodes(g);
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, i % 2 ? "data" : node(g, (g->domid - FIRST) * WATCHES / 2 + i / 2), i);
}
/* Each level of a path is watched by one of them, as far as their watches go. */
static void arrange_fan_out_deep(struct guest *g) {
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
static void put_fan_out(struct guest *g) {
    if (g->domid == FIRST)
        put_commit(g);
    else
        put_cold(g);
}
/* As many levels as a transaction has memory for. */
static void put_fan_out_deep(struct guest *g) {
    long at = g->domid == FIRST ? step(g) : -1;
    if (g->domid != FIRST)
        put_cold(g);
    else if (at >= 0 && at < NODES && at % 3 == 0)
        put(g, OP_WRITE, g->transaction, deep(g, "data", (int)at + 1), "value", 5);
}
/* A transaction that removes the nodes one by one, the next makes them again. */
static void put_fan_out_remove(struct guest *g) {
    long at = g->domid == FIRST ? step(g) : -1;
    if (g->domid != FIRST)
        put_cold(g);
    else if (at >= 0 && at < NODES && g->transaction % 2)
        put(g, OP_RM, g->transaction, node(g, at), NULL, 0);
    else if (at >= 0 && at < NODES)
        put(g, OP_WRITE, g->transaction, node(g, at), "value", 5);
}

/* All of them watch what the first of them commits, and none of them may see it. */
static void arrange_unseen(struct guest *g) {
    if (g->domid == FIRST)
        make_nodes(g);
    for (int i = 0; i < WATCHES; i++)
        watch_first(g, "data", i);
}

/* Levels that are not there, in a transaction that removed something. */
static void put_nowhere_removed(struct guest *g) {
    switch (g->at++ % 5) {
    case 0:
        put(g, OP_WRITE, 0, "own", "x", 1);
        break;
    case 1:
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++;
        break;
    case 2:
        put(g, OP_RM, g->transaction, "own", NULL, 0);
        break;
    case 3:
        put(g, OP_MKDIR, g->transaction, deep(g, "none", DEEPEST), NULL, 0);
        break;
    default:
        wire_put(&g->connection, OP_END, g->transaction, "F", 2);
    }
}

/* Watches and transactions that are all gone with one request. */
static void put_reset(struct guest *g) {
    const long reads = NODES / TRANSACTIONS, one = reads + 1;
    long at = g->at++ % (WATCHES + TRANSACTIONS * one + 1);
    if (at < WATCHES) {
        watch_one(g, deep(g, "deep", 5 + (int)at), (int)at);
        return;
    }
    at -= WATCHES;
    if (at == TRANSACTIONS * one) {
        wire_put(&g->connection, OP_RESET_WATCHES, 0, "", 1);
    } else if (at % one == 0) {
        wire_put(&g->connection, OP_START, 0, "", 1);
        g->transaction++;
    } else {
        put(g, OP_WRITE, g->transaction, node(g, at / one * reads + at % one - 1), "value", 5);
    }
}

static void put_malformed(struct guest *g) {
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
static void put_nowhere(struct guest *g) {
    static const uint32_t types[] = {OP_READ, OP_GET_PERMS, OP_DIRECTORY, OP_RM};
    put_path(g, types[g->at++ % 4], deep(g, "x", 1000));
}

/* An old snapshot stays open. */
static void arrange_snapshot(struct guest *g) {
    make_nodes(g);
    wire_put(&g->connection, OP_START, 0, "", 1);
    settle(g, 1);
}
static void put_snapshot_write(struct guest *g) {
    static char value[2000];
    put(g, OP_WRITE, 0, node(g, g->at % NODES), value, sizeof(value) - (size_t)(g->at / NODES % 2));
    g->at++;
}
static void put_snapshot_remove(struct guest *g) {
    long at = g->at++ % (NODES + 1);
    if (at == 0)
        put_path(g, OP_RM, "data");
    else
        put(g, OP_WRITE, 0, node(g, at - 1), "value", 5);
}

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

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* In turn a WRITE and a READ of a node of its own. */
static void rounds(struct guest *good) {
    static double waits[ROUNDS];
    double clocks = 0;
    for (int i = 0; i < ROUNDS; i++) {
        usleep((useconds_t)(rand() % REST_MICROSECONDS));
        double clock = clock_now(), cpu = daemon_clock();
        wire_must(&good->connection, i % 2 ? OP_READ : OP_WRITE, 0, "own\0value", i % 2 ? 4 : 9);
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
    for (int i = 0; i < row->clients; i++)
        children[i] = start(&guests[i]);
    usleep(200000);
    meter_hurry();
    if (guests[0].kind->flags & HELD)
        held_rounds(&good);
    else
        rounds(&good);
    report("replies", (double)common->replies);
    report("errors", (double)common->errors);
    report("events", (double)common->events);
    for (int i = 0; i < row->clients; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
        wire_close(&guests[i].connection);
    }
}

#define ROWS(name, arrange, put, flags)                                                            \
    {"hostile-" name, hostile, 1, 1, 0, 0}, {"hostile-" name "-8", hostile, MOST, 1, 0, 0},
const struct row hostile_cases[] = {KINDS(ROWS){0}};
