/*
 * What the stock clients cannot do to a store from Dom0:
 *   lab-many PATH flight COUNT [COMMAND...]   COUNT transactions on files of their own, each step
 * of all of them on its way at once; COMMAND runs while they are open; prints how many were
 *                                             started, committed, and left a node
 *   lab-many PATH waits COUNT                 microseconds of COUNT READs: median, 99 of 100,
 * longest lab-many PATH introduce DOMID PORT COUNT  INTRODUCE until refused, COUNT times at most;
 * prints how often, and why lab-many PATH leave DOMID PORT COUNT      the same, with a RELEASE
 * before each PATH is /dev/xen/xenbus or a unix socket.
 */
#include "../bench/client/wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OP_RELEASE 9
#define OWN_NODE "/t/flight/%d"

static const char *path;

static struct message reply(struct connection *c) {
    struct message m;
    while (!wire_next(c, &m))
        wire_fill(c);
    return m;
}

static void put(struct connection *c, uint32_t type, uint32_t transaction, const char *text,
                size_t length) {
    wire_put(c, type, transaction, text, length);
    wire_flush(c);
}

/* The replies that each of them waits for now: how many are no errors. */
static int good_replies(struct connection *all, int count) {
    int good = 0;
    for (int i = 0; i < count; i++)
        good += reply(&all[i]).header.type != OP_ERROR;
    return good;
}

static void run(char **command) {
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

static void flight(int count, char **command) {
    struct connection *all = calloc((size_t)count, sizeof(*all));
    uint32_t *id = calloc((size_t)count, sizeof(*id));
    struct rlimit files = {(rlim_t)count + 64, (rlim_t)count + 64};
    int started = 0;
    char text[64];

    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = 0; i < count; i++) {
        wire_open(&all[i], path);
        put(&all[i], OP_START, 0, "", 1);
    }
    for (int i = 0; i < count; i++) {
        struct message m = reply(&all[i]);
        id[i] = m.header.type == OP_START ? (uint32_t)strtoul(m.payload, NULL, 10) : 0;
        started += id[i] != 0;
    }
    for (int i = 0; i < count; i++) {
        size_t length = (size_t)sprintf(text, OWN_NODE, i) + 1;
        put(&all[i], OP_WRITE, id[i], text, length + (size_t)sprintf(text + length, "%d", i));
    }
    good_replies(all, count);
    if (command[0])
        run(command);
    for (int i = 0; i < count; i++)
        put(&all[i], OP_END, id[i], "T", 2);
    int committed = good_replies(all, count);
    for (int i = 0; i < count; i++)
        put(&all[i], OP_READ, 0, text, (size_t)sprintf(text, OWN_NODE, i) + 1);
    printf("%d started, %d committed, %d there\n", started, committed, good_replies(all, count));
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void waits(struct connection *c, int count) {
    double *took = calloc((size_t)count, sizeof(*took));
    for (int i = 0; i < count; i++) {
        double start = now();
        wire_must(c, OP_READ, 0, "/", 2);
        took[i] = now() - start;
    }
    qsort(took, (size_t)count, sizeof(*took), ascending);
    printf("%.0f %.0f %.0f\n", took[count / 2], took[count * 99 / 100], took[count - 1]);
}

static void introduce(struct connection *c, char **arguments, bool leave) {
    const char *why = "-";
    char text[64];
    int most = atoi(arguments[2]), done = 0;
    for (; done < most; done++) {
        size_t length = (size_t)sprintf(text, "%s", arguments[0]) + 1;
        if (leave)
            wire_ask(c, OP_RELEASE, 0, text, length);
        /* domid, frame, port: the frame is not looked at, the grant is well-known. */
        length += (size_t)sprintf(text + length, "1") + 1;
        length += (size_t)sprintf(text + length, "%s", arguments[1]) + 1;
        struct message m = wire_ask(c, OP_INTRODUCE, 0, text, length);
        if (m.header.type == OP_ERROR) {
            why = m.payload;
            break;
        }
    }
    printf("%d %s\n", done, why);
}

static double timed(struct connection *c, uint32_t type, const char *text, size_t length) {
    double start = now();
    wire_must(c, type, 0, text, length);
    return now() - start;
}

static void pairs(struct connection *c, char **arguments) {
    char text[64];
    int count = atoi(arguments[2]);
    double *releases = calloc((size_t)count, sizeof(*releases));
    double *introductions = calloc((size_t)count, sizeof(*introductions));
    size_t domid = (size_t)sprintf(text, "%s", arguments[0]) + 1;
    size_t length = domid + (size_t)sprintf(text + domid, "1%c%s", 0, arguments[1]) + 1;
    for (int i = 0; i < count; i++) {
        releases[i] = timed(c, OP_RELEASE, text, domid);
        introductions[i] = timed(c, OP_INTRODUCE, text, length);
    }
    qsort(releases, (size_t)count, sizeof(*releases), ascending);
    qsort(introductions, (size_t)count, sizeof(*introductions), ascending);
    printf("%.0f %.0f\n", releases[count / 2], introductions[count / 2]);
}

int main(int argc, char **argv) {
    struct connection c;
    if (argc < 4) {
        fprintf(stderr, "usage: lab-many PATH flight COUNT [COMMAND...] | waits COUNT | "
                        "introduce|leave|pairs DOMID PORT COUNT\n");
        return 2;
    }
    path = argv[1];
    if (strcmp(argv[2], "flight") == 0) {
        flight(atoi(argv[3]), argv + 4);
        return 0;
    }
    wire_open(&c, path);
    if (strcmp(argv[2], "waits") == 0)
        waits(&c, atoi(argv[3]));
    else if (argc == 6 && strcmp(argv[2], "pairs") == 0)
        pairs(&c, argv + 3);
    else if (argc == 6)
        introduce(&c, argv + 3, strcmp(argv[2], "leave") == 0);
    return 0;
}
