/*
 * xenstore-relay: serves Dom0's xenstore socket while the store is a domain, for clients and scripts
 * that know only the socket. Each client gets a thread and its own open file of the kernel's
 * device, so one that is slow, or that the store keeps waiting, delays nobody else.
 */
#include "client.h"
#include "stubdom/linux/background.h"
#include "stubdom/linux/listen.h"
#include "stubdom/linux/notify.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SOCKET "/run/xenstored/socket"
#define DEVICE "/dev/xen/xenbus"
#define WAIT_SECONDS 30
/* A client has two messages there, and calls little. */
#define STACK (PTHREAD_STACK_MIN > 65536 ? PTHREAD_STACK_MIN : 65536)
/* Milliseconds without a new client after there was no descriptor or thread for one. */
#define PAUSE 200
#define RETRY 100

static struct {
    const char *socket, *device, *pid_file;
    int wait;
    bool foreground;
} options = {.socket = SOCKET, .device = DEVICE, .wait = WAIT_SECONDS};

static int signals;       /* signalfd: a wish to end */
static int pid_file = -1; /* locked */

static void fail(const char *what, const char *why) {
    fprintf(stderr, "xenstore-relay: %s%s%s\n", what, *why ? ": " : "", why);
    pid_file_remove(pid_file);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* One line a second at most: who may connect could fill a disk with them. */
static void complain(const char *what, int error) {
    static double last = -1000;
    if (now() - last < 1000)
        return;
    last = now();
    fprintf(stderr, "xenstore-relay: %s: %s\n", what, strerror(error));
}

static void usage(FILE *to) {
    fprintf(to, "usage: xenstore-relay [--socket PATH] [--device PATH] [--wait SECONDS] "
                "[--pid-file PATH] [--no-fork]\n");
}

static void take_options(int argc, char **argv) {
    static const struct option known[] = {
        {"socket", required_argument, NULL, 's'},   {"device", required_argument, NULL, 'd'},
        {"pid-file", required_argument, NULL, 'p'}, {"wait", required_argument, NULL, 'w'},
        {"no-fork", no_argument, NULL, 'N'},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},        {0}};
    char *end;
    for (int letter; (letter = getopt_long(argc, argv, "s:d:p:w:NhV", known, NULL)) >= 0;) {
        switch (letter) {
        case 's':
            options.socket = optarg;
            break;
        case 'd':
            options.device = optarg;
            break;
        case 'p':
            options.pid_file = optarg;
            break;
        case 'w':
            options.wait = (int)strtol(optarg, &end, 10);
            if (*end || end == optarg || options.wait < 0 || options.wait > 86400)
                fail("--wait wants seconds", "");
            break;
        case 'N':
            options.foreground = true;
            break;
        case 'V':
            puts("xenstore-relay " VERSION);
            exit(0);
        case 'h':
            usage(stdout);
            exit(0);
        default:
            usage(stderr);
            exit(2);
        }
    }
    if (optind < argc) {
        usage(stderr);
        exit(2);
    }
    if (*options.socket != '/' || *options.device != '/')
        fail("--socket and --device want absolute paths", "");
}

/* Whether somebody wants the relay to end, within so many milliseconds. `fd` (-1: none) ends the
 * wait when it is readable. */
static bool ends_within(int milliseconds, int fd) {
    struct pollfd waits[] = {{.fd = signals, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    poll(waits, 2, milliseconds);
    return waits[0].revents != 0;
}

/* Waits until the store answers. */
static void await_store(void) {
    double end = now() + 1000.0 * options.wait;
    for (;;) {
        int store = client_open_store(options.device);
        int error = errno;
        int left = (int)(end - now());
        bool answers = store >= 0 && client_store_answers(store, left > 0 ? left : 0);
        if (store >= 0)
            close(store);
        if (answers)
            return;
        if (now() >= end)
            fail(options.device, store < 0 ? strerror(error) : "the store does not answer");
        if (ends_within(RETRY, -1)) {
            pid_file_remove(pid_file);
            exit(0);
        }
    }
}

struct ends {
    int socket, store;
};

static void *run(void *argument) {
    struct ends ends = *(struct ends *)argument;
    free(argument);
    client_serve(ends.socket, ends.store, options.device);
    return NULL;
}

/* False: there is no descriptor, thread or memory for it. */
static bool start_client(int socket) {
    struct ends *ends = malloc(sizeof(*ends));
    pthread_attr_t attributes;
    pthread_t thread;
    int store = ends ? client_open_store(options.device) : -1;
    int error = ends && store >= 0 ? 0 : errno;
    if (!error) {
        *ends = (struct ends){socket, store};
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, STACK);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        error = pthread_create(&thread, &attributes, run, ends);
        pthread_attr_destroy(&attributes);
    }
    if (!error)
        return true;
    complain("a client is turned away", error);
    free(ends);
    if (store >= 0)
        close(store);
    close(socket);
    return false;
}

static void serve(int listener) {
    while (!ends_within(-1, listener)) {
        int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        bool good = socket >= 0 ? start_client(socket) : errno == EAGAIN || errno == ECONNABORTED;
        if (socket < 0 && !good)
            complain("new clients wait", errno);
        if (!good && ends_within(PAUSE, -1))
            return;
    }
}

static void raise_file_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static void block_signals(void) {
    sigset_t ending;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    signals = signalfd(-1, &ending, SFD_CLOEXEC);
    if (signals < 0)
        fail("signals", strerror(errno));
}

int main(int argc, char **argv) {
    int pipe = -1;
    const char *wrong = NULL;

    take_options(argc, argv);
    raise_file_limit();
    if (!options.foreground)
        wrong = background_begin(&pipe);
    if (!wrong && options.pid_file)
        wrong = pid_file_take(options.pid_file, &pid_file);
    if (wrong && *wrong)
        fail(wrong, "");
    if (wrong) {
        /* Debian's /etc/init.d/xen starts its store again with every start of xen.service. */
        fprintf(stderr, "xenstore-relay: it runs already: another process holds %s\n", options.pid_file);
        background_ready(&pipe);
        return 0;
    }
    block_signals();
    await_store();
    int listener = listen_at(options.socket);
    if (listener < 0)
        fail(options.socket, errno == EADDRINUSE ? "another program serves it" : strerror(errno));
    notify_ready();
    background_ready(&pipe);
    serve(listener);
    unlink(options.socket);
    pid_file_remove(pid_file);
    return 0;
}
