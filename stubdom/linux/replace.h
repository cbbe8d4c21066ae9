/*
 * Live update of the whole executable, by exec in the same process. A memory file (memfd) carries
 * the state of the store, the links with their buffers, and the numbers of the descriptors that
 * stay open. Rings are opened again, by domid and port.
 */
#ifndef STUBDOM_LINUX_REPLACE_H
#define STUBDOM_LINUX_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

/* The number of the memory file's descriptor follows. */
#define TAKE_OVER "--take-over="

struct inherited {
    int listen_fd, pid_file_fd; /* -1: none */
    int evtchn_fd;              /* of C xenstored (c_xenstored.h); -1: none */
    const char *links, *end;    /* saved links, set by replace_open() */
    unsigned link_count;
};

/** Finds out whether an executable is this program or C xenstored, by --help, the one option with
 * which neither starts: C xenstored ignores what it does not know, and takes the socket away. */
const char *replace_look(const char *path, bool *is_c);
/** Checks that an executable is this program, by --version. */
const char *replace_check(const char *path);
/** Runs an executable, which reads the state that `takes` names, with `words` in a trial. */
const char *replace_trial(const char *path, char **words, const char *takes);
/** Whether a descriptor (-1: none), or those of all sockets, stay open in another executable. */
void replace_keep_open(int fd, bool keep);
void replace_keep_sockets(bool keep);
/**
 * Executes `path` with these options, after a child process has read the state in a trial, which
 * blocks for a minute at most. Returns only on failure.
 */
const char *replace_process(const char *path, char **words, const struct inherited *);
/** Reads the memory file of the executable before, and passes its state to state/update.h. */
const char *replace_open(const char *fd, struct inherited *);
/** Opens its links again, with their numbers. */
const char *replace_links(const struct inherited *, int (*open)(unsigned domid, unsigned port));

#endif
