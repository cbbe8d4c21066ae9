/*
 * The program as a file: bytecode of the bundle, and the table that turns lines
 * of the bundle into lines of TypeScript. Made by compile.c, little-endian:
 * a header, the code, the positions.
 */
#ifndef ENGINE_PROGRAM_FILE_H
#define ENGINE_PROGRAM_FILE_H

#include <stddef.h>
#include <stdint.h>

#define PROGRAM_MAGIC "XSTSPROG"
#define PROGRAM_FORMAT 2
/* The bytecode belongs to one version of the engine, told apart by this name. */
#define PROGRAM_ENGINE "quickjs-2025-04-26"

struct program_header {
    char magic[8];
    uint32_t format;
    uint32_t checksum; /* program_checksum of all that follows the header */
    char engine[32];
    char version[24]; /* of the program, ended by NUL */
    uint32_t code_length;
    uint32_t positions_length;
};

struct program_file {
    char version[48]; /* with the checksum, which tells builds of a version apart */
    uint32_t checksum;
    const uint8_t *code;
    size_t code_length;
    const char *positions;
    size_t positions_length;
};

uint32_t program_checksum(const uint8_t *bytes, size_t length);
/** Checks the header and finds the parts. A text is what is wrong with it; NULL: nothing. */
const char *program_file_open(const uint8_t *file, size_t length, struct program_file *program);
/** Of a file that comes from elsewhere: the header, and that the rest is what was written. */
const char *program_file_check(const uint8_t *file, size_t length);

#endif
