/*
 * Build tool: compiles the bundle and its table of positions to a program file (program_file.h).
 *   compile BUNDLE.js BUNDLE.lines PROGRAM VERSION LISTING [debug]
 * A line of BUNDLE.lines has the bundle line, the source path and the source line. LISTING is
 * written for engine/translate (listing.c). With `debug` the bytecode has the names of local
 * variables, and columns.
 */
#include "engine/compile/listing.h"
#include "engine/program_file.h"
#include "engine/quickjs_ext.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *name, size_t *length) {
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *length = ftell(file);
    rewind(file);
    char *text = malloc(*length + 1);
    if (!text || fread(text, 1, *length, file) != *length) {
        fprintf(stderr, "%s: cannot be read\n", name);
        exit(1);
    }
    text[*length] = '\0';
    fclose(file);
    return text;
}

/* Makes the table of positions: a line with '@' and the path of a source, then for each line of the
 * bundle that comes from it the bundle line and the source line, as differences to the line before.
 */
static char *make_positions(char *lines, size_t *length) {
    char *table = malloc(strlen(lines) + 4096), *to = table;
    char last[256] = "";
    long last_bundle = 0, last_source = 0, bundle, source;
    char name[256];

    if (!table)
        exit(1);
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        if (sscanf(line, "%ld %255s %ld", &bundle, name, &source) != 3)
            continue;
        if (strcmp(name, last) != 0) {
            to += sprintf(to, "@%s\n", name);
            strcpy(last, name);
            last_bundle = last_source = 0;
        }
        to += sprintf(to, "%ld %ld\n", bundle - last_bundle, source - last_source);
        last_bundle = bundle;
        last_source = source;
    }
    *length = to - table;
    return table;
}

static uint8_t *compile(const char *text, size_t length, const char *listing, size_t *code_length) {
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *ctx = JS_NewContext(runtime);
    /* Keep the positions, which are small, but not the source text. */
    JS_SetStripInfo(runtime, JS_STRIP_SOURCE);
    JSValue code =
        JS_Eval(ctx, text, length, "xenstored.js", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(code)) {
        JSValue exception = JS_GetException(ctx);
        fprintf(stderr, "compile: %s\n", JS_ToCString(ctx, exception));
        exit(1);
    }
    FILE *file = fopen(listing, "w");
    if (!file) {
        perror(listing);
        exit(1);
    }
    engine_list(ctx, code, file);
    if (fclose(file)) {
        perror(listing);
        exit(1);
    }
    return JS_WriteObject(ctx, code_length, code, JS_WRITE_OBJ_BYTECODE);
}

int main(int argc, char **argv) {
    size_t text_length, lines_length, code_length, positions_length;

    if (argc < 6 || argc > 7 || (argc == 7 && strcmp(argv[6], "debug") != 0)) {
        fprintf(stderr, "usage: compile BUNDLE.js BUNDLE.lines PROGRAM VERSION LISTING [debug]\n");
        return 2;
    }
    engine_writes_debug = argc == 7;
    char *text = read_file(argv[1], &text_length);
    char *lines = read_file(argv[2], &lines_length);
    uint8_t *code = compile(text, text_length, argv[5], &code_length);
    char *positions = make_positions(lines, &positions_length);
    if (!code)
        return 1;

    struct program_header header = {
        .magic = PROGRAM_MAGIC,
        .format = PROGRAM_FORMAT,
        .engine = PROGRAM_ENGINE,
        .code_length = code_length,
        .positions_length = positions_length,
    };
    if (strlen(argv[4]) >= sizeof(header.version)) {
        fprintf(stderr, "compile: the version is too long\n");
        return 2;
    }
    strcpy(header.version, argv[4]);
    uint8_t *body = malloc(code_length + positions_length);
    if (!body)
        return 1;
    memcpy(body, code, code_length);
    memcpy(body + code_length, positions, positions_length);
    header.checksum = program_checksum(body, code_length + positions_length);

    FILE *file = fopen(argv[3], "wb");
    if (!file || fwrite(&header, sizeof(header), 1, file) != 1 ||
        fwrite(body, code_length + positions_length, 1, file) != 1 || fclose(file)) {
        perror(argv[3]);
        return 1;
    }
    return 0;
}
