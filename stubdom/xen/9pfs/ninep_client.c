#include "ninep_client.h"
#include "ninep_file.h"
#include "ninep_session.h"
#include <stdlib.h>
#include <string.h>

/* Bytes that are added from now on go to the file that file->log names now. */
static void turn(struct file *file) {
    bool idle = !ninep_session_is_there() || file->step == STEP_OFF || file->step == STEP_FAILED;
    file->turning = true;
    file->turn_at = file->head;
    if (idle)
        ninep_file_begin(file);
}

/* Whether another log has the file. The share cannot append, so two logs would overwrite each
 * other. */
static bool is_taken(const struct file *by, const char *name) {
    for (unsigned i = 0; i < LOG_SINKS; i++)
        if (&ninep_files[i] != by && ninep_files[i].log.path &&
            strcmp(ninep_name_below(ninep_files[i].log.path), name) == 0)
            return true;
    return false;
}

const char *ninep_client_open_log(unsigned sink, const struct log_place *place) {
    struct file *file = &ninep_files[sink];
    struct name names[NINEP_NAMES_MOST];
    struct log_kept next;
    if (!*place->path) {
        log_forget(&file->log);
        turn(file);
        ninep_session_changed();
        return NULL;
    }
    const char *name = ninep_name_below(place->path);
    if (log_is_syslog(place->path))
        return "There is no system's log here.";
    if (!name || !ninep_name_split(name, names))
        return "File not accessible.";
    if (is_taken(file, name))
        return "Another log is in that file.";
    if (!ninep_session_expected())
        return "There are no files here.";
    char *circle = file->circle ? file->circle : malloc(NINEP_LOG_ROOM);
    if (!circle || !log_keep(&next, place)) {
        if (!file->circle)
            free(circle);
        return "no memory";
    }
    file->circle = circle;
    log_forget(&file->log);
    file->log = next;
    file->turn = 0;
    file->fresh = false;
    turn(file);
    ninep_file_put(file, next.mark, strlen(next.mark));
    ninep_session_changed();
    return NULL;
}

/* Rotation: the share cannot rename, so FILE, FILE.1 and so on take turns, and the next one is
 * emptied. */
static void begin_next(struct file *file) {
    if (file->step != STEP_READY || file->turning)
        return;
    file->turn = (file->turn + 1) % (file->log.files + 1);
    file->fresh = true;
    turn(file);
    ninep_file_put(file, file->log.mark, strlen(file->log.mark));
}

bool ninep_client_write_log(unsigned sink, const char *line, size_t length) {
    struct file *file = &ninep_files[sink];
    if (!file->log.path || ninep_session_is_late() || file->step == STEP_FAILED ||
        (file->step == STEP_CLUNK && file->after == STEP_FAILED))
        return false;
    if (log_counts(&file->log))
        begin_next(file);
    ninep_file_line(file, line, length);
    ninep_session_changed();
    return true;
}

static const char *begin_once(struct file *file, const char *path) {
    struct name names[NINEP_NAMES_MOST];
    const char *name = ninep_name_below(path);
    if (!name || !ninep_name_split(name, names))
        return "File not accessible.";
    if (!ninep_session_is_attached())
        return "There are no files here.";
    if (file->step != STEP_OFF)
        return "Another file is being written.";
    file->last = &file->first;
    if (!log_keep(&file->log, &(struct log_place){.path = path, .mark = ""}))
        return "no memory";
    file->fresh = true;
    ninep_file_begin(file);
    return NULL;
}

const char *ninep_client_write(const char *path, const char *bytes, size_t length) {
    struct file *file = &ninep_files[NINEP_ONCE];
    if (!bytes) {
        const char *wrong = begin_once(file, path);
        if (!wrong)
            ninep_session_changed();
        return wrong;
    }
    struct piece *piece = length ? malloc(sizeof(*piece) + length) : NULL;
    if (length && !piece) {
        ninep_file_say(file, "there is no memory for what is to be in it", 0);
        while (file->first)
            ninep_file_drop_piece(file);
        return "no memory";
    }
    if (!piece)
        return NULL;
    piece->next = NULL;
    piece->length = length;
    memcpy(piece->bytes, bytes, length);
    *file->last = piece;
    file->last = &piece->next;
    return NULL;
}

struct ninep_metrics ninep_client_metrics(void) {
    return (struct ninep_metrics){.attached = ninep_session_is_attached(),
                                  .requests = ninep_session_requests(),
                                  .lines_lost = ninep_lines_lost};
}
