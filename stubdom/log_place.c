#include "log_place.h"
#include <stdlib.h>
#include <string.h>

bool log_keep(struct log_kept *log, const struct log_place *place) {
    *log = (struct log_kept){.files = place->files, .most = place->lines};
    log->path = strdup(place->path);
    log->mark = strdup(place->mark);
    if (log->path && log->mark)
        return true;
    log_forget(log);
    return false;
}

void log_forget(struct log_kept *log) {
    free(log->path);
    free(log->mark);
    *log = (struct log_kept){NULL};
}

bool log_counts(struct log_kept *log) {
    bool full = log->most && log->count >= log->most;
    if (full)
        log->count = 0;
    log->count++;
    return full;
}

bool log_is_syslog(const char *path) {
    return strncmp(path, LOG_PREFIX, strlen(LOG_PREFIX)) == 0;
}
