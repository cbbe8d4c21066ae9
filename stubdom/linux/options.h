/* The options of the process: its files, its socket, and how it becomes a daemon. */
#ifndef STUBDOM_LINUX_OPTIONS_H
#define STUBDOM_LINUX_OPTIONS_H

#include "options_table.h"
#include <stdbool.h>

/** The value of each option; NULL: not given; "": given, and the option takes no value. */
struct given {
#define FIELD(field, name, letter, takes) const char *field;
    OPTIONS_OF_PROCESS(FIELD)
#undef FIELD
};

struct options {
    struct given given;
    const char *socket_path;
    const char *tree_file;
    const char *rundir;
    char **rest;        /* options of the program, ended by NULL */
    char **file_rest;   /* the same, from the configuration file */
    char **file_places; /* where each of those stands there, as FILE:LINE */
    int ready_pipe;     /* the parent process waits at the other end; -1: none */
    int pid_file_fd;    /* locked; -1: none */
};

/** Takes the process's options from the command line and the configuration file. */
const char *options_take(int argc, char **argv, struct options *options);
/** Looks for names that no option has, among those of the program: which would find them once the
 * socket is there. */
const char *options_know(char **words);
/** Sets socket_path and tree_file, and makes the directory of the socket. */
const char *options_find_socket(struct options *options);
/** Forks, except with --no-fork, and locks the pid file. "": another daemon has it; the process
 * ends with success. */
const char *options_become_daemon(struct options *options);
/** Instead of options_become_daemon(), for a process that another executable was before. */
void options_take_over(struct options *options, int pid_file_fd);
/** The same where C xenstored was before, which holds no pid file: locks it. */
const char *options_take_over_c(struct options *options);
/** Lets the parent process end with success: the daemon serves. */
void options_ready(struct options *options);
/** Removes the pid file. */
void options_end(struct options *options);

#endif
