/*
 * Bytes, eight at a time, without a call: what the length is of a path or a name takes a few steps
 * of a loop, while each way through memcmp() or memchr() is a dozen blocks of instructions.
 */
#ifndef STUBDOM_EIGHTS_H
#define STUBDOM_EIGHTS_H

#include "in_place.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static IN_PLACE uint64_t eight_at(const char *from) {
    uint64_t word;
    memcpy(&word, from, sizeof(word));
    return word;
}

/** The last step takes the last eight, some of them again. */
static IN_PLACE bool eights_same(const char *a, const char *b, size_t length) {
    if (length < 8)
        return memcmp(a, b, length) == 0;
    size_t last = length - 8;
    for (size_t at = 0; at < last; at += 8)
        if (eight_at(a + at) != eight_at(b + at))
            return false;
    return eight_at(a + last) == eight_at(b + last);
}

/** The two do not overlap. */
static IN_PLACE void eights_copy(char *to, const char *from, size_t length) {
    if (length < 8) {
        for (; length > 0; length--, to++, from++) {
            *to = *from;
            /* Or it would become a call of memcpy(). */
            __asm__("" : "+r"(from));
        }
        return;
    }
    size_t last = length - 8;
    for (size_t at = 0; at < last; at += 8)
        memcpy(to + at, from + at, 8);
    memcpy(to + last, from + last, 8);
}

/** Where the first zero is; `length` or more: there is none. Up to seven bytes more are read. */
static IN_PLACE size_t eights_before_nul(const char *from, size_t length) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    for (size_t at = 0; at < length; at += 8) {
        uint64_t word = eight_at(from + at), zeros = (word - ones) & ~word & tops;
        /* The lowest of them is one; those above may follow from it. */
        if (zeros)
            return at + (unsigned)__builtin_ctzll(zeros) / 8;
    }
    return length;
}

#endif
