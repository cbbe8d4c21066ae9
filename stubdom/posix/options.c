#include "options.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_RUNDIR "/run/xenstored"

static char reason[512];

static const char *fail(const char *what, const char *name) {
    snprintf(reason, sizeof(reason), "%s %s: %s", what, name, strerror(errno));
    return reason;
}

/* "--name value", "--name=value", "-x value". True: it was this option; *value may be NULL. */
static bool matches(char ***word, const char *name, const char *letter, const char **value) {
    size_t length = strlen(name);
    if (strncmp(**word, name, length) == 0 && (**word)[length] == '=') {
        *value = **word + length + 1;
        return true;
    }
    if (strcmp(**word, name) != 0 && (!letter || strcmp(**word, letter) != 0))
        return false;
    *value = (*word)[1];
    if (*value)
        (*word)++;
    return true;
}

static const char *find_socket(const char *rundir, struct options *options) {
    static char path[256];
    const char *given = getenv("XENSTORED_PATH");

    if (!rundir)
        rundir = getenv("XENSTORED_RUNDIR");
    if (!rundir)
        rundir = DEFAULT_RUNDIR;
    if (mkdir(rundir, 0755) != 0 && errno != EEXIST)
        return fail("making", rundir);
    snprintf(path, sizeof(path), "%s/socket", rundir);
    options->socket_path = given ? given : path;
    return NULL;
}

const char *options_take(int argc, char **argv, struct options *options) {
    const char *rundir = NULL, *value;

    *options = (struct options){.ready_pipe = -1, .pid_file_fd = -1};
    options->rest = argv + (argc > 0);
    char **to = options->rest;
    for (char **word = options->rest; *word; word++) {
        const char **target = NULL;
        if (strcmp(*word, "--no-fork") == 0 || strcmp(*word, "-N") == 0) {
            options->no_fork = true;
            continue;
        }
        char *name = *word;
        if (matches(&word, "--rundir", NULL, &value))
            target = &rundir;
        else if (matches(&word, "--pid-file", "-F", &value))
            target = &options->pid_file;
        else if (matches(&word, "--simulate-domains", NULL, &value))
            target = &options->simulated;
        else if (matches(&word, "--restore", NULL, &value))
            target = &options->restore;
        else if (matches(&word, "--domains-module", NULL, &value))
            target = &options->domains_module;
        if (!target) {
            *to++ = *word;
            continue;
        }
        if (!value) {
            snprintf(reason, sizeof(reason), "option %s wants a value", name);
            return reason;
        }
        *target = value;
    }
    *to = NULL;
    return find_socket(rundir, options);
}

static const char *take_pid_file(struct options *options) {
    char text[32];

    if (!options->pid_file)
        return NULL;
    int fd = open(options->pid_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail("opening pid file", options->pid_file);
    if (lockf(fd, F_TLOCK, 0) != 0) {
        close(fd);
        return "";
    }
    options->pid_file_fd = fd;
    int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(fd, 0) != 0 || write(fd, text, length) != length)
        return fail("writing pid file", options->pid_file);
    return NULL;
}

const char *options_become_daemon(struct options *options) {
    int ends[2];
    char byte;

    /* Who started the daemon may go away; a log that cannot be written is no reason to end. */
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    if (options->no_fork)
        return take_pid_file(options);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail("making", "a pipe");
    pid_t child = fork();
    if (child < 0)
        return fail("starting", "the daemon");
    if (child > 0) {
        /* The daemon says one byte when it serves, or nothing and why on standard error. */
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(ends[0]);
    options->ready_pipe = ends[1];
    setsid();
    const char *wrong = take_pid_file(options);
    if (wrong && !*wrong)
        options_ready(options);
    return wrong;
}

void options_ready(struct options *options) {
    if (options->ready_pipe < 0)
        return;
    if (write(options->ready_pipe, "", 1) != 1)
        perror("xenstored: telling the parent");
    close(options->ready_pipe);
    options->ready_pipe = -1;
    /* Nothing keeps a terminal or a mount busy; the log stays where it was. */
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        close(null);
    }
    if (chdir("/") != 0)
        perror("xenstored: /");
}

void options_end(struct options *options) {
    if (options->pid_file_fd >= 0 && unlink(options->pid_file) != 0)
        perror("xenstored: removing the pid file");
}
