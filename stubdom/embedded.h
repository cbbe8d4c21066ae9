/* The program that comes with this one: a program file (program_file.h). */
#ifndef STUBDOM_EMBEDDED_H
#define STUBDOM_EMBEDDED_H

#include <stdint.h>

extern const uint8_t embedded_program[], embedded_program_end[];

#endif
