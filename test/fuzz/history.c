#include "history.h"
#include "platform.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct kept {
    size_t size;
    uint8_t *bytes;
};
static struct kept *inputs;
static size_t count, room;

void history_begin(void) {
    for (size_t i = 0; i < count; i++)
        free(inputs[i].bytes);
    count = 0;
}

void history_add(const uint8_t *input, size_t size) {
    if (count == room) {
        room = room ? 2 * room : 64;
        inputs = realloc(inputs, room * sizeof(*inputs));
    }
    inputs[count] = (struct kept){.size = size, .bytes = malloc(size + 1)};
    memcpy(inputs[count++].bytes, input, size);
}

/* FUZZ_HISTORY names the directory; without it there is a replay, which needs none. */
static void write_history(void) {
    const char *directory = getenv("FUZZ_HISTORY");
    static bool written;
    char name[512];
    if (!directory || written)
        return;
    written = true;
    mkdir(directory, 0777);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%s/%06zu", directory, i);
        FILE *file = fopen(name, "wb");
        if (!file)
            return;
        fwrite(inputs[i].bytes, 1, inputs[i].size, file);
        fclose(file);
    }
    fprintf(stderr, "fuzz: the %zu inputs of this daemon are in %s\n", count, directory);
}

void fail(const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "fuzz: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nfuzz: the last line of the log: %s\n", fuzz_last_line);
    write_history();
    abort();
}

/* The sanitizers call these before they end the process. */
void __asan_on_error(void);
void __asan_on_error(void) {
    write_history();
}
void __ubsan_on_report(void);
void __ubsan_on_report(void) {
    write_history();
}

/* One daemon serves many inputs, so what it holds at the end of one is no leak; what it holds at
 * its own end is found by daemon_stop(). */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0:detect_stack_use_after_return=0:handle_abort=1:"
           "quarantine_size_mb=16:thread_local_quarantine_size_kb=256:malloc_context_size=1:max_"
           "malloc_fill_size=256";
}
