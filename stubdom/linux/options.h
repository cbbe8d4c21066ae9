/* The part of the options that is the process's own: where it runs and how it becomes a daemon. */
#ifndef STUBDOM_LINUX_OPTIONS_H
#define STUBDOM_LINUX_OPTIONS_H

#include "options_table.h"
#include <stdbool.h>

/** Values as they were given, NULL: not at all; "" of an option that takes none. */
struct given {
#define FIELD(field, name, letter, takes) const char *field;
    OPTIONS_OF_PROCESS(FIELD)
#undef FIELD
};

struct options {
    struct given given;
    const char *socket_path;
    const char *tree_file;
    char **rest;      /* what the daemon understands, ended by NULL */
    char **file_rest; /* the same, of the configuration file */
    int ready_pipe;   /* the parent waits at the other end; -1: none */
    int pid_file_fd;
};

const char *options_take(int argc, char **argv, struct options *options);
/** Makes the directory of the socket and finds its name. */
const char *options_find_socket(struct options *options);
/** Forks unless told not to, and takes the pid file. "": another one runs, end in silence. */
const char *options_become_daemon(struct options *options);
/** In place of that: this process took over from another executable, with its pid file. */
void options_take_over(struct options *options, int pid_file_fd);
/** Lets the parent process end: the daemon serves. */
void options_ready(struct options *options);
void options_end(struct options *options);

#endif
