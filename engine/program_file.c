#include "engine/program_file.h"
#include <stdio.h>
#include <string.h>

/* FNV-1a. It detects damaged files, not attacks: only Dom0's root can pass a program file. */
uint32_t program_checksum(const uint8_t *bytes, size_t length) {
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < length; i++)
        sum = (sum ^ bytes[i]) * 16777619u;
    return sum;
}

const char *program_file_open(const uint8_t *file, size_t length, struct program_file *program) {
    struct program_header header;

    if (length < sizeof(header))
        return "the program file is too short";
    memcpy(&header, file, sizeof(header));
    if (memcmp(header.magic, PROGRAM_MAGIC, sizeof(header.magic)) != 0)
        return "not a program file";
    if (header.format != PROGRAM_FORMAT)
        return "the program file has another format";
    if (strncmp(header.engine, PROGRAM_ENGINE, sizeof(header.engine)) != 0)
        return "the program file is for another engine";
    if ((uint64_t)header.code_length + header.positions_length != length - sizeof(header))
        return "the program file is not as long as it says";
    snprintf(program->version, sizeof(program->version), "%.*s (%08x)",
             (int)sizeof(header.version) - 1, header.version, header.checksum);
    program->code = file + sizeof(header);
    program->code_length = header.code_length;
    program->positions = (const char *)program->code + header.code_length;
    program->positions_length = header.positions_length;
    program->checksum = header.checksum;
    return NULL;
}

const char *program_file_check(const uint8_t *file, size_t length) {
    struct program_file program;
    const char *wrong = program_file_open(file, length, &program);
    if (wrong)
        return wrong;
    size_t head = sizeof(struct program_header);
    return program_checksum(file + head, length - head) == program.checksum
               ? NULL
               : "the program file is damaged";
}
