/* Lines to a file, a pipe, a terminal, a socket or the system's log. Nothing here ever blocks: a
 * line that does not fit is lost, counted, and told of in front of the next one that fits. */
#ifndef STUBDOM_LINUX_LOG_OUT_H
#define STUBDOM_LINUX_LOG_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct log_out {
    int fd; /* -1: nothing is open */
    bool socket;
    bool torn; /* the last line was written in part */
    unsigned long lost;
};

/** A file that is appended to. False: it cannot be opened, errno says why. */
bool log_out_open(struct log_out *out, const char *path);
/** Standard error, without any change for those who share it. */
void log_out_standard_error(struct log_out *out);
/** Closes it; what was counted stays. */
void log_out_close(struct log_out *out);
/** A line without its end. */
void log_out_line(struct log_out *out, const char *line, size_t length);
/** For a signal handler: the same without the count. */
void log_out_last_words(const struct log_out *out, const char *line, size_t length);

/** A line to the system's log, as a facility of <syslog.h>. `out` begins with fd -1. */
void log_out_syslog(struct log_out *out, int facility, const char *line, size_t length);

#endif
