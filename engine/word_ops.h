/*
 * Compares, copies and searches bytes a word at a time, inlined. Paths and names are short, so a
 * call of memcmp() or memchr() would cost more than the work.
 */
#ifndef ENGINE_WORD_OPS_H
#define ENGINE_WORD_OPS_H

#include "engine/compiler.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static ALWAYS_INLINE uint64_t word_at(const char *from) {
    uint64_t word;
    memcpy(&word, from, sizeof(word));
    return word;
}

/** The last step takes the last eight bytes, which may overlap the step before. */
static ALWAYS_INLINE bool equal_by_words(const char *a, const char *b, size_t length) {
    if (length < 8)
        return memcmp(a, b, length) == 0;
    size_t last = length - 8;
    for (size_t at = 0; at < last; at += 8)
        if (word_at(a + at) != word_at(b + at))
            return false;
    return word_at(a + last) == word_at(b + last);
}

/** The blocks must not overlap. */
static ALWAYS_INLINE void copy_by_words(char *to, const char *from, size_t length) {
    if (length < 8) {
        for (; length > 0; length--, to++, from++) {
            *to = *from;
            /* Keeps GCC from turning the loop into a call of memcpy(). */
            __asm__("" : "+r"(from));
        }
        return;
    }
    size_t last = length - 8;
    for (size_t at = 0; at < last; at += 8)
        memcpy(to + at, from + at, 8);
    memcpy(to + last, from + last, 8);
}

/** The offset of the first zero byte; `length` or more: there is none. Reads up to seven bytes
 * behind `length`. */
static ALWAYS_INLINE size_t find_nul(const char *from, size_t length) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    for (size_t at = 0; at < length; at += 8) {
        uint64_t word = word_at(from + at), zeros = (word - ones) & ~word & tops;
        /* The lowest bit is exact; higher ones may come from a borrow. */
        if (zeros)
            return at + (unsigned)__builtin_ctzll(zeros) / 8;
    }
    return length;
}

#endif
