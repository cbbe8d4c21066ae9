/* Writes lines to a file, pipe, terminal, socket or syslog. No call blocks. A line that cannot be
 * written is lost and counted; a note of the count precedes the next line. */
#ifndef STUBDOM_LINUX_LOG_OUT_H
#define STUBDOM_LINUX_LOG_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct log_out {
    int fd; /* -1: nothing is open */
    bool socket;
    bool torn;          /* the last line was written in part */
    unsigned long lost; /* lines since the last note */
};

/** Opens a file to append to it. False: see errno. */
bool log_out_open(struct log_out *out, const char *path);
/** Uses standard error, without setting O_NONBLOCK for other processes that share it. */
void log_out_standard_error(struct log_out *out);
/** Closes the file; the count of lost lines stays. */
void log_out_close(struct log_out *out);
/** Writes a line; the line end is added. */
void log_out_line(struct log_out *out, const char *line, size_t length);
/** The same, safe in a signal handler: without the note and the count. */
void log_out_last_words(const struct log_out *out, const char *line, size_t length);

/** Writes a line to syslog, with a facility of <syslog.h>. Before the first, out->fd is -1. */
void log_out_syslog(struct log_out *out, int facility, const char *line, size_t length);

#endif
