/*
 * Speaks the raw wire to a xenstore and measures it:
 *   bench-client cases                                  lists the cases
 *   bench-client run SOCKET PID CASE [SECONDS [MOST]]   one case; PID 0: not on this machine
 *   bench-client start SOCKET COMMAND...                milliseconds to the first reply
 * What it found is one line of JSON.
 */
#include "bench.h"
#include "meter.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_SECONDS 10

const char *store_path;
static const struct row *const tables[] = {plain_cases, transaction_cases, watch_cases,
                                           bulk_cases,  domain_cases,      hostile_cases};
static bool reported;

void report(const char *name, double value) {
    printf("%s\"%s\":%.9g", reported ? "," : "{", name, value);
    reported = true;
}

void report_load(const struct load *load) {
    report("requests", (double)load->requests);
    report("events", (double)load->events);
    report("seconds", load->seconds);
    report("cpu", load->cpu);
    report("p50", load->p50);
    report("p99", load->p99);
    report("longest", load->longest);
}

static void each(int (*visit)(const struct row *, const char *), const char *name) {
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct row *row = tables[i]; row->name; row++)
            if (visit(row, name))
                return;
}

static int print(const struct row *row, const char *name) {
    (void)name;
    return puts(row->name) < 0;
}

static int run(const struct row *row, const char *name) {
    if (strcmp(row->name, name) != 0)
        return 0;
    row->run(row);
    return 1;
}

static bool connected(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return is;
}

static int start(char **command) {
    double begun = clock_now();
    pid_t child = fork();
    if (child == 0) {
        /* The report alone goes to standard output. */
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    while (!connected(store_path)) {
        if (waitpid(child, NULL, WNOHANG) == child || clock_now() - begun > START_SECONDS) {
            errno = ECHILD;
            fail(command[0]);
        }
        usleep(50);
    }
    struct connection c;
    wire_open(&c, store_path);
    wire_must(&c, OP_READ, 0, "/", 2);
    report("start", clock_now() - begun);
    daemon_pid = child;
    report("cpu", daemon_cpu());
    report("memory", daemon_memory());
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    return 0;
}

int main(int argc, char **argv) {
    struct rlimit files;
    /* Four thousand connections. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (argc == 2 && strcmp(argv[1], "cases") == 0) {
        each(print, NULL);
        return 0;
    }
    if (argc < 4)
        return 2;
    store_path = argv[2];
    if (strcmp(argv[1], "start") == 0) {
        start(argv + 3);
    } else {
        daemon_pid = atoi(argv[3]);
        if (argc > 5)
            limit.seconds = atof(argv[5]);
        if (argc > 6)
            limit.requests = atol(argv[6]);
        each(run, argc > 4 ? argv[4] : "");
    }
    if (!reported)
        return 2;
    report("resident", daemon_memory());
    puts("}");
    return 0;
}
