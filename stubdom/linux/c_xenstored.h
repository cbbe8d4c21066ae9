/*
 * Live update from and to C xenstored, by exec in the same process. Each of the two leaves its
 * state in a file in the run directory, in Xen's migration stream, and keeps the listening socket,
 * the sockets of clients and the event channel device open. Both are told so by -U.
 */
#ifndef STUBDOM_LINUX_C_XENSTORED_H
#define STUBDOM_LINUX_C_XENSTORED_H

#include "replace.h"

/* What is said of a rehearsal (--rehearse), after which everything goes on as before. */
#define C_XENSTORED_REHEARSED "Rehearsed: the state was read by another process, and compared."

/**
 * Finds the state that C xenstored has left in a run directory, the given one or its usual ones,
 * and passes it to state/update.h. The file stays.
 */
const char *c_xenstored_open(const char *rundir, struct inherited *);
/** A child process reads the state, with these options. */
const char *c_xenstored_trial(char **words);
/** This program serves: the file is removed, and the descriptors do not pass to other programs. */
void c_xenstored_done(void);
/**
 * Executes C xenstored again, which reads the same state: `path`, or the one of this Xen (NULL).
 * `why` is left in the file live-update-result of the run directory. Returns only on failure.
 */
const char *c_xenstored_return(const char *path, char **words, const char *why);

/** Checks that a C xenstored can read a state, and sets the highest version that it reads. */
const char *c_xenstored_check(const char *path, unsigned *version);
/** Executes C xenstored with the state of state/update.h, and with `words`. Returns only on
 * failure; then nothing has changed. */
const char *c_xenstored_become(const char *path, char **words, const char *rundir, int listener,
                               int device);

#endif
