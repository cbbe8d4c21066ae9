/*
 * The program file, which compile.c makes: a header, the bytecode of the bundle, and the table of
 * positions, which maps its lines to lines of TypeScript. Numbers are little-endian.
 */
#ifndef ENGINE_PROGRAM_FILE_H
#define ENGINE_PROGRAM_FILE_H

#include <stddef.h>
#include <stdint.h>

#define PROGRAM_MAGIC "XSTSPROG"
#define PROGRAM_FORMAT 2
/* The version of the engine that the bytecode is for. */
#define PROGRAM_ENGINE "quickjs-2025-04-26"

struct program_header {
    char magic[8];
    uint32_t format;
    uint32_t checksum; /* program_checksum() of all bytes behind the header */
    char engine[32];   /* PROGRAM_ENGINE */
    char version[24];  /* of the program, ended by NUL */
    uint32_t code_length;
    uint32_t positions_length;
};

/** A program file in memory; pointers are into the file. */
struct program_file {
    char version[48]; /* with the checksum, which differs between builds of a version */
    uint32_t checksum;
    const uint8_t *code;
    size_t code_length;
    const char *positions;
    size_t positions_length;
};

/** FNV-1a of the bytes. */
uint32_t program_checksum(const uint8_t *bytes, size_t length);
/** Checks the header and finds the parts. Returns NULL, or the error. */
const char *program_file_open(const uint8_t *file, size_t length, struct program_file *program);
/** Checks header and checksum of a file from outside. Returns NULL, or the error. */
const char *program_file_check(const uint8_t *file, size_t length);

#endif
