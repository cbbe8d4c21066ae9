#include "log_file.h"
#include "stubdom/log_place.h"
#include "log_out.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

struct log_file {
    struct log_kept kept;
    struct log_out out;
    int facility; /* of syslog */
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
    if (!log_out_open(&log->out, log->kept.path))
        return false;
    size_t length = strlen(log->kept.mark);
    if (length)
        log_out_line(&log->out, log->kept.mark, length - 1);
    return true;
}

static void forget(struct log_file *log) {
    if (log->kept.path)
        log_out_close(&log->out);
    log_forget(&log->kept);
}

const char *log_file_open(unsigned sink, const struct log_place *place) {
    struct log_file next = {.out.fd = -1};

    if (!*place->path) {
        forget(&sinks[sink]);
        return NULL;
    }
    if (!log_keep(&next.kept, place))
        return "no memory";
    if (log_is_syslog(place->path)) {
        next.facility = facility_of(place->path + strlen(LOG_PREFIX));
        if (next.facility < 0) {
            forget(&next);
            return "there is no such facility";
        }
    } else if (!open_file(&next)) {
        forget(&next);
        return "File not accessible.";
    }
    forget(&sinks[sink]);
    sinks[sink] = next;
    return NULL;
}

/* Renames FILE to FILE.1, FILE.1 to FILE.2, and so on; the oldest is replaced. */
static void rotate(struct log_file *log) {
    const char *path = log->kept.path;
    size_t room = strlen(path) + 16;
    char from[room], to[room];
    log_out_close(&log->out);
    for (unsigned n = log->kept.files; n > 0; n--) {
        snprintf(to, room, "%s.%u", path, n);
        snprintf(from, room, n > 1 ? "%s.%u" : "%s", path, n - 1);
        rename(from, to);
    }
    if (!log->kept.files)
        unlink(path);
    open_file(log);
}

bool log_file_write(unsigned sink, const char *line, size_t length) {
    struct log_file *log = &sinks[sink];

    if (!log->kept.path)
        return false;
    if (log_is_syslog(log->kept.path)) {
        log_out_syslog(&log->out, log->facility, line, length);
        return true;
    }
    if (log_counts(&log->kept))
        rotate(log);
    log_out_line(&log->out, line, length);
    return true;
}

void log_files_reopen(void) {
    for (unsigned i = 0; i < LOG_SINKS; i++) {
        if (!sinks[i].kept.path || log_is_syslog(sinks[i].kept.path))
            continue;
        log_out_close(&sinks[i].out);
        sinks[i].kept.count = 0;
        open_file(&sinks[i]);
    }
}
