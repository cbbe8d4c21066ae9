/* A log with files of its own, on Linux or in the 9pfs share: where it goes, when to rotate it. */
#ifndef STUBDOM_LOG_PLACE_H
#define STUBDOM_LOG_PLACE_H

#include "platform.h"

/** A copy of a struct log_place, and the count of lines. */
struct log_kept {
    char *path, *mark; /* path NULL: this log has no files */
    unsigned files;
    unsigned long most, count; /* lines that a file may have (0: unlimited), and has */
};

/** A path that begins with it names a facility of syslog instead of a file. */
#define LOG_PREFIX "syslog:"

/** Copies a place that has a path. False: no memory; `log` is then empty. */
bool log_keep(struct log_kept *log, const struct log_place *place);
/** Frees the copy; `log` is then empty. */
void log_forget(struct log_kept *log);
/** Counts one more line. True: the caller begins the next file before it. */
bool log_counts(struct log_kept *log);
/** Whether a path names a facility of syslog. */
bool log_is_syslog(const char *path);

#endif
