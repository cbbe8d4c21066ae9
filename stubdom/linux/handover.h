/*
 * Which xenstored was this process before, and which one will be: live updates by exec, between
 * executables of this project (replace.h) and from and to C xenstored (c_xenstored.h).
 */
#ifndef STUBDOM_LINUX_HANDOVER_H
#define STUBDOM_LINUX_HANDOVER_H

#include "domain_backend.h"
#include "options.h"
#include "replace.h"
#include <stdbool.h>

/** Keeps the command line for the next executable. False: no memory. */
bool handover_keep_words(int argc, char **argv);
/** Takes the state of the executable before, if there was one, and sets config->origin. */
const char *handover_take(struct options *, struct platform_config *, struct inherited *);
/** Goes on in its process, or becomes a daemon. "": as options_become_daemon(). */
const char *handover_take_process(struct options *, int pid_file_fd);
/** What there is to hand over later. */
void handover_begin(struct options *, const struct domain_backend *);
/** This program cannot start. If C xenstored was this process, executes it again; returns only if
 * that fails, or another program was. */
void handover_failed(const char *why);
/** This program serves. */
void handover_done(void);

#endif
