#include "script.h"

bool script_ended(const struct script *script) {
    return script->at >= script->end;
}

uint8_t script_byte(struct script *script) {
    return script_ended(script) ? 0 : *script->at++;
}

uint16_t script_u16(struct script *script) {
    uint16_t low = script_byte(script);
    return low | script_byte(script) << 8;
}

uint32_t script_u32(struct script *script) {
    uint32_t low = script_u16(script);
    return low | (uint32_t)script_u16(script) << 16;
}

const uint8_t *script_bytes(struct script *script, size_t most, size_t *length) {
    const uint8_t *bytes = script->at;
    *length = script->end - script->at;
    if (*length > most)
        *length = most;
    script->at += *length;
    return bytes;
}

const uint8_t *script_counted(struct script *script, size_t *length) {
    size_t most = script_byte(script);
    return script_bytes(script, most, length);
}
