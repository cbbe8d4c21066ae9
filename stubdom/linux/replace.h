/*
 * Another executable in place of this one, in the same process: the state of the store, the links
 * with what is half in and half out, and the descriptors that stay open go there in a file that
 * exists in memory only. Rings are opened again by their domains' numbers and ports.
 */
#ifndef STUBDOM_LINUX_REPLACE_H
#define STUBDOM_LINUX_REPLACE_H

#include <stddef.h>

/* Followed by the number of the descriptor. */
#define TAKE_OVER "--take-over="

struct inherited {
    int listen_fd, pid_file_fd; /* -1: none */
    const char *links, *end;    /* of replace_open() */
    unsigned link_count;
};

/* Texts are NULL, or why it cannot be. */
/** Whether a file is an executable of this kind. */
const char *replace_check(const char *path);
/** Tries the executable with the state, then goes there; comes back only if it cannot. */
const char *replace_process(const char *path, char **words, const struct inherited *);
/** What the executable before has left: its state is with state/update.h then. */
const char *replace_open(const char *fd, struct inherited *);
/** Its links, each with its number. */
const char *replace_links(const struct inherited *, int (*open)(unsigned domid, unsigned port));

#endif
