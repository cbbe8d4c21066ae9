#include "update.h"
#include "stubdom/platform.h"
#include "engine/compiler.h"
#include "engine/program_file.h"
#include <stdlib.h>
#include <string.h>

struct chunk {
    struct chunk *next;
    size_t length;
    char bytes[];
};

static uint8_t *file, *running; /* files of the new and of the running program */
static size_t file_size, filled;
static char *executable; /* path of a new executable; NULL: there is a program file, or nothing */
static unsigned foreign; /* the highest version of the stream, if it is C xenstored */
static bool wanted HOT_DATA;
static char **new_args HOT_DATA;
static struct chunk *first, **last = &first, *taken;
static struct chunk *kept; /* the kept state (update_keep()) */

static void drop_args(void) {
    for (char **word = new_args; word && *word; word++)
        free(*word);
    free(new_args);
    new_args = NULL;
}

void update_abort(void) {
    free(file);
    file = NULL;
    file_size = filled = 0;
    free(executable);
    executable = NULL;
    foreign = 0;
    wanted = false;
    drop_args();
}

bool update_begin(size_t size) {
    update_abort();
    file = malloc(size);
    file_size = file ? size : 0;
    return file != NULL;
}

bool update_data(const char *bytes, size_t length) {
    if (length > file_size - filled)
        return false;
    memcpy(file + filled, bytes, length);
    filled += length;
    return true;
}

static bool begins_with(const char *bytes, size_t length) {
    return file_size > length && memcmp(file, bytes, length) == 0;
}

static bool is_executable(void) {
    return begins_with("\177ELF", 4) || begins_with("#!", 2);
}

/* An image of a stub domain comes as it is installed, packed by gzip, or unpacked. */
static bool is_image(void) {
    return begins_with("\177ELF", 4) || begins_with("\37\213", 2);
}

const char *update_file(const char *path) {
    update_abort();
    file = platform_read_file(path, &file_size);
    filled = file_size;
    if (!file)
        return "File not accessible.";
    if (!is_executable())
        return NULL;
    update_abort();
    executable = strdup(path);
    return executable ? NULL : "Allocation failure.";
}

const char *update_executable(void) {
    return executable;
}

bool update_is_whole(void) {
    return executable || is_image();
}

const char *update_check(void) {
    if (executable)
        return platform_replacement(executable, &foreign);
    if (!file || filled < file_size)
        return "Kernel not complete.";
    if (!is_image())
        return program_file_check(file, file_size);
    const char *wrong = platform_image(&file, &file_size);
    filled = file_size;
    return wrong;
}

unsigned update_foreign(void) {
    return foreign;
}

void update_go(char **args) {
    wanted = true;
    drop_args();
    new_args = args;
}

bool update_wanted(char ***args) {
    if (!wanted)
        return false;
    wanted = false;
    *args = new_args;
    return true;
}

const uint8_t *update_program(size_t *size) {
    *size = file_size;
    return file;
}

void update_done(void) {
    free(running);
    running = file;
    file = NULL;
    file_size = filled = 0;
    /* The new program refers to them: they are not freed. */
    new_args = NULL;
}

/* --- the state --- */

/* Chunks that the image before has left, each behind its length. */
static const char *left_at, *left_end;

void update_continue(const char *chunks, size_t size) {
    left_at = chunks;
    left_end = chunks ? chunks + size : NULL;
}

static bool restore_left(const char **bytes, size_t *length) {
    uint32_t size;
    if ((size_t)(left_end - left_at) < sizeof(size))
        return false;
    memcpy(&size, left_at, sizeof(size));
    left_at += sizeof(size);
    if (size > (size_t)(left_end - left_at))
        return false;
    *bytes = left_at;
    *length = size;
    left_at += size;
    return true;
}

size_t update_leave(char *to) {
    size_t at = 0;
    for (struct chunk *chunk = first; chunk; chunk = chunk->next) {
        uint32_t size = (uint32_t)chunk->length;
        if (to) {
            memcpy(to + at, &size, sizeof(size));
            memcpy(to + at + sizeof(size), chunk->bytes, size);
        }
        at += sizeof(size) + size;
    }
    return at;
}

bool update_save(const char *bytes, size_t length) {
    struct chunk *chunk = malloc(sizeof(*chunk) + length);
    if (!chunk)
        return false;
    chunk->next = NULL;
    chunk->length = length;
    memcpy(chunk->bytes, bytes, length);
    *last = chunk;
    last = &chunk->next;
    return true;
}

bool update_restore(const char **bytes, size_t *length) {
    free(taken);
    taken = first;
    if (!taken)
        return left_at && restore_left(bytes, length);
    first = taken->next;
    if (!first)
        last = &first;
    *bytes = taken->bytes;
    *length = taken->length;
    return true;
}

size_t update_saved(void) {
    size_t size = 0;
    for (struct chunk *chunk = first; chunk; chunk = chunk->next)
        size += chunk->length;
    return size;
}

static void drop_chunks(struct chunk **list) {
    for (struct chunk *chunk = *list, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *list = NULL;
}

void update_discard(void) {
    drop_chunks(&first);
    last = &first;
    free(taken);
    taken = NULL;
}

void update_drop_state(void) {
    update_discard();
    drop_chunks(&kept);
}

size_t update_keep(void) {
    size_t size = 0;
    drop_chunks(&kept);
    kept = first;
    first = NULL;
    last = &first;
    for (struct chunk *chunk = kept; chunk; chunk = chunk->next)
        size += chunk->length;
    return size;
}

size_t update_kept(size_t offset, char *to, size_t room) {
    size_t done = 0;
    for (struct chunk *chunk = kept; chunk && done < room; chunk = chunk->next) {
        if (offset >= chunk->length) {
            offset -= chunk->length;
            continue;
        }
        size_t part = chunk->length - offset;
        if (part > room - done)
            part = room - done;
        memcpy(to + done, chunk->bytes + offset, part);
        done += part;
        offset = 0;
    }
    return done;
}

const char *update_write(const char *path) {
    const char *bytes, *wrong = platform_file_begin(path);
    size_t length;
    while (!wrong && update_restore(&bytes, &length))
        wrong = platform_file_add(bytes, length);
    update_discard();
    return wrong ? wrong : platform_file_end(true);
}
