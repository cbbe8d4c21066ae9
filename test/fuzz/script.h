/* An input read as a script: bytes, numbers and strings of bytes, and zeros where it has ended. */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct script {
    const uint8_t *at, *end;
};

bool script_ended(const struct script *script);
uint8_t script_byte(struct script *script);
uint16_t script_u16(struct script *script);
uint32_t script_u32(struct script *script);
/** At most `most` bytes; *length says how many there are. Valid as long as the input. */
const uint8_t *script_bytes(struct script *script, size_t most, size_t *length);
/** The same, their number in front of them in one byte. */
const uint8_t *script_counted(struct script *script, size_t *length);

#endif
