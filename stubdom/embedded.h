/* The program file (engine/program_file.h) that is part of this executable. */
#ifndef STUBDOM_EMBEDDED_H
#define STUBDOM_EMBEDDED_H

#include <stdint.h>

extern const uint8_t embedded_program[], embedded_program_end[];

#endif
