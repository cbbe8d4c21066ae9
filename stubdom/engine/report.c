#include "report.h"
#include "stubdom/trace/packets.h"
#include "stubdom/platform.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_NAME "xenstored.js:"

static const char no_table[1];
static const char *table = no_table, *table_end = no_table;

struct report_table report_table(void) {
    return (struct report_table){table, table_end - table};
}

void report_restore(struct report_table kept) {
    report_positions(kept.text, kept.length);
}

void report_positions(const char *text, size_t length) {
    table = text;
    table_end = text + length;
}

/* Reads the number at *at and moves *at behind it. An overflow wraps: no line has that number. */
static unsigned long number(const char **at) {
    unsigned long value = 0;
    bool negative = false;
    while (*at < table_end && **at == ' ')
        (*at)++;
    if (*at < table_end && **at == '-') {
        negative = true;
        (*at)++;
    }
    while (*at < table_end && **at >= '0' && **at <= '9')
        value = 10 * value + (unsigned)(*(*at)++ - '0');
    return negative ? -value : value;
}

/* Finds the TypeScript line of a line of the bundle. False: none is known. */
static bool find(unsigned long wanted, const char **name, int *name_length, unsigned long *line) {
    const char *source = NULL;
    int source_length = 0;
    unsigned long bundle_line = 0, source_line = 0;

    for (const char *at = table; at < table_end;) {
        const char *end = memchr(at, '\n', table_end - at);
        if (!end)
            end = table_end;
        if (*at == '@') {
            source = at + 1;
            source_length = end - source;
            bundle_line = source_line = 0;
        } else {
            bundle_line += number(&at);
            source_line += number(&at);
            if (bundle_line == wanted) {
                *name = source;
                *name_length = source_length;
                *line = source_line;
                return source != NULL;
            }
        }
        at = end + 1;
    }
    return false;
}

static void report_line(const char *text, size_t length) {
    char line[512];
    size_t size = 0;
    const char *end = text + length;

    while (text < end && size < sizeof(line) - 1) {
        const char *name;
        int name_length;
        unsigned long source_line;
        size_t left = end - text, prefix = strlen(BUNDLE_NAME);
        if (left > prefix && memcmp(text, BUNDLE_NAME, prefix) == 0) {
            char *behind;
            long bundle_line = strtol(text + prefix, &behind, 10);
            if (behind <= end && find(bundle_line, &name, &name_length, &source_line)) {
                size += snprintf(line + size, sizeof(line) - size, "%.*s:%lu", name_length, name,
                                 source_line);
                text = behind;
                /* The column is one of the bundle and means nothing in the source. */
                if (text < end && *text == ':')
                    do
                        text++;
                    while (text < end && *text >= '0' && *text <= '9');
                continue;
            }
        }
        line[size++] = *text++;
    }
    if (size > sizeof(line) - 1)
        size = sizeof(line) - 1;
    platform_log(line, size);
}

void report_text(const char *text, size_t length) {
    const char *end = text + length;
    while (text < end) {
        const char *stop = memchr(text, '\n', end - text);
        if (!stop)
            stop = end;
        if (stop > text)
            report_line(text, stop - text);
        text = stop + 1;
    }
}

static void report_property(JSContext *ctx, JSValueConst value, const char *name) {
    JSValue property = JS_GetPropertyStr(ctx, value, name);
    size_t length;
    const char *text = JS_IsUndefined(property) ? NULL : JS_ToCStringLen(ctx, &length, property);
    if (text)
        report_text(text, length);
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, property);
}

void report_exception(JSContext *ctx, const char *doing) {
    char line[128];
    JSValue exception = JS_GetException(ctx);
    int size = snprintf(line, sizeof(line), "xenstored: exception in %s", doing);

    platform_log(line, size);
    /* Without memory the exception can be null, and reading its properties can throw again. */
    if (JS_IsObject(exception)) {
        report_property(ctx, exception, "message");
        report_property(ctx, exception, "stack");
    } else {
        const char *none = "(no memory to say more)";
        platform_log(none, strlen(none));
    }
    JS_FreeValue(ctx, exception);
    JS_FreeValue(ctx, JS_GetException(ctx));
    packets_after_failure();
}
