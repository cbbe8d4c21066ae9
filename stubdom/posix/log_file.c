#include "log_file.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#define SYSLOG "syslog:"

struct log_file {
    char *path, *mark; /* path NULL: lines go elsewhere */
    unsigned files;
    unsigned long most, count;
    int fd; /* -1: to the system's log */
    int facility;
};

static struct log_file sinks[LOG_SINKS];

static const struct {
    const char *name;
    int number;
} facilities[] = {{"daemon", LOG_DAEMON}, {"user", LOG_USER},     {"local0", LOG_LOCAL0},
                  {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3},
                  {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6},
                  {"local7", LOG_LOCAL7}};

static int facility_of(const char *name) {
    for (unsigned i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
        if (strcmp(name, facilities[i].name) == 0)
            return facilities[i].number;
    return -1;
}

static bool open_file(struct log_file *log) {
    log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    log->count = 0;
    return log->fd >= 0 && write(log->fd, log->mark, strlen(log->mark)) >= 0;
}

static void close_file(struct log_file *log) {
    if (log->path && log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}

static void forget(struct log_file *log) {
    close_file(log);
    free(log->path);
    free(log->mark);
    *log = (struct log_file){.fd = -1};
}

const char *log_file_open(unsigned sink, const struct log_place *place) {
    struct log_file next = {.files = place->files, .most = place->lines, .fd = -1};
    size_t prefix = strlen(SYSLOG);

    if (!*place->path) {
        forget(&sinks[sink]);
        return NULL;
    }
    next.path = strdup(place->path);
    next.mark = strdup(place->mark);
    if (!next.path || !next.mark) {
        forget(&next);
        return "no memory";
    }
    if (strncmp(next.path, SYSLOG, prefix) == 0) {
        next.facility = facility_of(next.path + prefix);
        if (next.facility < 0) {
            forget(&next);
            return "there is no such facility";
        }
        openlog("xenstored", 0, LOG_DAEMON);
    } else if (!open_file(&next)) {
        forget(&next);
        return "File not accessible.";
    }
    forget(&sinks[sink]);
    sinks[sink] = next;
    return NULL;
}

/* FILE becomes FILE.1, that FILE.2, and so on; the oldest goes. */
static void rotate(struct log_file *log) {
    size_t room = strlen(log->path) + 16;
    char from[room], to[room];
    close_file(log);
    for (unsigned n = log->files; n > 0; n--) {
        snprintf(to, room, "%s.%u", log->path, n);
        snprintf(from, room, n > 1 ? "%s.%u" : "%s", log->path, n - 1);
        rename(from, to);
    }
    if (!log->files)
        unlink(log->path);
    open_file(log);
}

bool log_file_write(unsigned sink, const char *line, size_t length) {
    struct log_file *log = &sinks[sink];
    struct iovec parts[2] = {{(void *)line, length}, {"\n", 1}};

    if (!log->path)
        return false;
    if (log->fd < 0) {
        if (strncmp(log->path, SYSLOG, strlen(SYSLOG)) == 0)
            syslog(log->facility | LOG_INFO, "%.*s", (int)length, line);
        return true;
    }
    if (log->most && log->count >= log->most)
        rotate(log);
    log->count++;
    /* One call: lines of two processes do not mix. */
    return writev(log->fd, parts, 2) >= 0 || true;
}

void log_files_reopen(void) {
    for (unsigned i = 0; i < LOG_SINKS; i++) {
        if (!sinks[i].path || strncmp(sinks[i].path, SYSLOG, strlen(SYSLOG)) == 0)
            continue;
        close_file(&sinks[i]);
        open_file(&sinks[i]);
    }
}
