/* The command line's part that is the process's own: where it runs and how it becomes a daemon. */
#ifndef STUBDOM_POSIX_OPTIONS_H
#define STUBDOM_POSIX_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *socket_path;
    const char *pid_file;
    const char *simulated;      /* test mode: the directory of the domains' sockets */
    const char *domains_module; /* NULL: found beside the program */
    const char *restore;        /* a state stream to begin with; NULL: the store is empty */
    bool no_fork;
    char **rest;    /* what the daemon understands, ended by NULL */
    int ready_pipe; /* the parent waits at the other end; -1: none */
    int pid_file_fd;
};

const char *options_take(int argc, char **argv, struct options *options);
/** Forks unless told not to, and takes the pid file. "": another one runs, end in silence. */
const char *options_become_daemon(struct options *options);
/** Lets the parent process end: the daemon serves. */
void options_ready(struct options *options);
void options_end(struct options *options);

#endif
