/*
 * Program files: the header and the table of positions, not the bytecode, which is trusted behind
 * its checksum. A file is refused, or it runs.
 *
 * The first byte says what there is: the input as it is, or a header of ours in which some bytes
 * are changed, with the input's table, and with the program's own code (which is then started) or
 * a little code that never runs.
 */
#include "engine/program_file.h"
#include "../../stubdom/engine/report.h"
#include "../../stubdom/state/update.h"
#include "daemon.h"
#include "history.h"
#include "script.h"
#include <stdlib.h>
#include <string.h>

#define RAW 1
#define RUNS 2
#define SUMMED 4

static const uint8_t little_code[24] = "code that is never run";

static uint8_t *join(struct script *script, uint8_t how, size_t *size) {
    struct program_header header;
    const uint8_t *code = little_code;
    memcpy(&header, embedded_program, sizeof(header));
    if (how & RUNS)
        code = embedded_program + sizeof(header);
    else
        header.code_length = sizeof(little_code);
    uint32_t code_length = header.code_length;
    uint8_t changed[16], values[16];
    unsigned changes = script_byte(script) % sizeof(changed);
    for (unsigned i = 0; i < changes; i++) {
        changed[i] = script_byte(script) % sizeof(header);
        values[i] = script_byte(script);
    }
    size_t table = script->end - script->at;
    header.positions_length = table;
    *size = sizeof(header) + code_length + table;
    uint8_t *file = malloc(*size);
    if (!file)
        fail("there is no memory for the file");
    memcpy(file + sizeof(header), code, code_length);
    memcpy(file + sizeof(header) + code_length, script->at, table);
    if (how & SUMMED)
        header.checksum = program_checksum(file + sizeof(header), *size - sizeof(header));
    memcpy(file, &header, sizeof(header));
    for (unsigned i = 0; i < changes; i++)
        file[changed[i]] = values[i];
    return file;
}

static bool is_ours(const struct program_file *program) {
    const uint8_t *code = embedded_program + sizeof(struct program_header);
    uint32_t length = ((const struct program_header *)embedded_program)->code_length;
    return program->code_length == length && memcmp(program->code, code, length) == 0;
}

/* As the last thing a program does: its lines are looked for in the table. */
static void report(const struct program_file *program) {
    static const char text[] = "Error\n at f (xenstored.js:1:2)\n at g (xenstored.js:17)\n"
                               "xenstored.js:99999999999999999999 xenstored.js:-3 xenstored.js:";
    struct report_table kept = report_table();
    report_positions(program->positions, program->positions_length);
    report_text(text, sizeof(text) - 1);
    /* The table as a text, for it has lines of any kind; a text has a NUL behind it. */
    char *lines = strndup(program->positions, program->positions_length);
    if (lines)
        report_text(lines, strlen(lines));
    free(lines);
    report_restore(kept);
}

static void start(const uint8_t *file, size_t size) {
    history_begin();
    fuzz_domains_reset();
    fuzz_failed = false;
    const char *wrong = engine_start(file, size, &daemon_config);
    if (wrong)
        fail("a program that is right is refused: %s", wrong);
    daemon_turns();
    daemon_check_log();
    daemon_stop();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    struct program_file program;
    uint8_t how = script_byte(&script), *file;
    size_t length = script.end - script.at;
    fuzz_log = getenv("FUZZ_LOG") != NULL;
    if (how & RAW) {
        file = malloc(length);
        memcpy(file, script.at, length);
    } else {
        file = join(&script, how, &length);
    }
    if (!program_file_open(file, length, &program)) {
        if (program.code + program.code_length != (const uint8_t *)program.positions ||
            program.positions + program.positions_length != (const char *)file + length)
            fail("the parts of a file are not the file");
        report(&program);
        if (!program_file_check(file, length) && is_ours(&program))
            start(file, length);
    }
    /* As it comes in a live update: in chunks, and checked at the end. */
    if (length > 0 && update_begin(length) && update_data((const char *)file, length / 2) &&
        update_data((const char *)file + length / 2, length - length / 2))
        update_check();
    if (update_data("x", 1))
        fail("more than the whole file was taken");
    update_abort();
    free(file);
    return 0;
}
