/* What a log with files of its own remembers, wherever the files are. */
#ifndef STUBDOM_LOG_PLACE_H
#define STUBDOM_LOG_PLACE_H

#include "platform.h"

struct log_kept {
    char *path, *mark; /* path NULL: lines go elsewhere */
    unsigned files;
    unsigned long most, count; /* lines of a file, and of this one so far */
};

/** What stands for a facility of the system's log in place of a path. */
#define LOG_PREFIX "syslog:"

/** Copies a place that has a path. False: no memory, nothing is kept. */
bool log_keep(struct log_kept *log, const struct log_place *place);
void log_forget(struct log_kept *log);
/** One more line comes. True: the next file is to be begun before it. */
bool log_counts(struct log_kept *log);
bool log_is_syslog(const char *path);

#endif
