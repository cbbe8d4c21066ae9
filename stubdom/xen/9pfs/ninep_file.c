#include "ninep_file.h"
#include "ninep_below.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The directory that the share exports; names below it may be absolute, as C xenstored's are. */
#define HOME "/var/lib/xen/xenstore/"
/* Bytes of waiting lines that go to the console, whose backlog has 8 KiB. */
#define SAID_MOST 2048

struct file ninep_files[NINEP_FILES];
unsigned long ninep_lines_lost;

const char *ninep_name_below(const char *path) {
    if (strncmp(path, HOME, strlen(HOME)) == 0)
        path += strlen(HOME);
    return *path == '/' || !*path || strlen(path) > NINEP_NAME_MOST - 16 ? NULL : path;
}

unsigned ninep_name_split(const char *path, struct name *names) {
    unsigned count = 0;
    for (const char *at = path;; count++) {
        const char *end = strchr(at, '/');
        size_t length = end ? (size_t)(end - at) : strlen(at);
        bool dots = at[0] == '.' && (length == 1 || (length == 2 && at[1] == '.'));
        if (!length || dots || count == NINEP_NAMES_MOST)
            return 0;
        names[count] = (struct name){at, length};
        if (!end)
            return count + 1;
        at = end + 1;
    }
}

void ninep_file_say(const struct file *file, const char *what, unsigned error) {
    char line[NINEP_NAME_MOST + 96];
    snprintf(line, sizeof(line), "xenstored: %s on the 9pfs share: %s, error %u", file->name, what,
             error);
    ninep_below_say(line);
}

void ninep_file_drop_piece(struct file *file) {
    struct piece *piece = file->first;
    file->first = piece->next;
    if (!file->first)
        file->last = &file->first;
    file->taken = 0;
    free(piece);
}

uint32_t ninep_file_next(const struct file *file, const char **bytes) {
    if (!ninep_file_is_log(file)) {
        *bytes = file->first ? file->first->bytes + file->taken : NULL;
        return file->first ? file->first->length - file->taken : 0;
    }
    uint32_t count = (file->turning ? file->turn_at : file->head) - file->tail;
    uint32_t end = NINEP_LOG_ROOM - file->tail % NINEP_LOG_ROOM;
    *bytes = file->circle + file->tail % NINEP_LOG_ROOM;
    return count < end ? count : end;
}

void ninep_file_consume(struct file *file, uint32_t count) {
    if (ninep_file_is_log(file)) {
        file->tail += count;
        return;
    }
    file->taken += count;
    if (file->first && file->taken == file->first->length)
        ninep_file_drop_piece(file);
}

void ninep_file_put(struct file *file, const char *bytes, size_t length) {
    if (length > NINEP_LOG_ROOM - (file->head - file->tail))
        return;
    uint32_t at = file->head % NINEP_LOG_ROOM;
    size_t part = length < NINEP_LOG_ROOM - at ? length : NINEP_LOG_ROOM - at;
    memcpy(file->circle + at, bytes, part);
    memcpy(file->circle, bytes + part, length - part);
    file->head += length;
}

void ninep_file_line(struct file *file, const char *line, size_t length) {
    char note[48];
    int size =
        file->lost ? snprintf(note, sizeof(note), "%lu lines were left out\n", file->lost) : 0;
    if (NINEP_LOG_ROOM - (file->head - file->tail) <= size + length) {
        file->lost++;
        ninep_lines_lost++;
        return;
    }
    file->lost = 0;
    ninep_file_put(file, note, size);
    ninep_file_put(file, line, length);
    ninep_file_put(file, "\n", 1);
}

void ninep_file_end(struct file *file) {
    while (file->first)
        ninep_file_drop_piece(file);
    free(file->circle);
    log_forget(&file->log);
    *file = (struct file){.last = &file->first};
}

void ninep_file_begin(struct file *file) {
    file->turning = false;
    if (!file->log.path) {
        ninep_file_end(file);
        return;
    }
    int length = snprintf(file->name, NINEP_NAME_MOST, "%s", ninep_name_below(file->log.path));
    if (file->turn)
        snprintf(file->name + length, NINEP_NAME_MOST - length, ".%u", file->turn);
    file->truncate = file->fresh;
    file->fresh = false;
    file->step = STEP_WALK;
}

void ninep_file_say_waiting(struct file *file) {
    char line[1024];
    uint32_t length = 0, end = file->turning ? file->turn_at : file->head;
    bool whole = end - file->tail <= SAID_MOST;
    for (; !whole || end - file->tail > SAID_MOST; file->tail++) {
        bool last = file->circle[file->tail % NINEP_LOG_ROOM] == '\n';
        file->lost += last;
        ninep_lines_lost += last;
        whole = last && end - file->tail - 1 <= SAID_MOST;
    }
    for (; file->circle && file->tail != end; file->tail++) {
        char byte = file->circle[file->tail % NINEP_LOG_ROOM];
        if (byte != '\n')
            line[length++] = byte;
        if (byte == '\n' || length == sizeof(line) - 1) {
            line[length] = '\0';
            ninep_below_say(line);
            length = 0;
        }
    }
}

void ninep_file_fail(struct file *file) {
    file->step = STEP_FAILED;
    ninep_file_say_waiting(file);
    if (file->turning)
        ninep_file_begin(file);
}
