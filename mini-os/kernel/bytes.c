/*
 * memcpy(), memmove(), memcmp() and memchr() for short blocks: the program mostly copies and
 * compares less than a hundred bytes. newlib works byte by byte or branches on alignment. Here a
 * few loads suffice; the last ones may overlap those before. No byte outside the blocks is read.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef long long sixteen __attribute__((vector_size(16), aligned(1), may_alias));
typedef char bytes16 __attribute__((vector_size(16)));
typedef uint64_t eight __attribute__((aligned(1), may_alias));
typedef uint32_t four __attribute__((aligned(1), may_alias));
typedef uint16_t two __attribute__((aligned(1), may_alias));

#define AT(type, address) (*(type *)(address))
#define FROM(type, address) (*(const type *)(address))

/* Loads everything before it stores, so that the blocks may overlap. */
#define MOVE_ENDS(type)                                                                            \
    do {                                                                                           \
        type first = FROM(type, from), last = FROM(type, from + size - sizeof(type));              \
        AT(type, to) = first;                                                                      \
        AT(type, to + size - sizeof(type)) = last;                                                 \
    } while (0)

static inline void move_few(char *to, const char *from, size_t size) {
    if (size >= 8)
        MOVE_ENDS(eight);
    else if (size >= 4)
        MOVE_ENDS(four);
    else if (size >= 2)
        MOVE_ENDS(two);
    else if (size)
        *to = *from;
}

/* 16 to 64 bytes. */
static inline void move_some(char *to, const char *from, size_t size) {
    sixteen first = FROM(sixteen, from), last = FROM(sixteen, from + size - 16);
    if (size > 32) {
        sixteen second = FROM(sixteen, from + 16), third = FROM(sixteen, from + size - 32);
        AT(sixteen, to + 16) = second;
        AT(sixteen, to + size - 32) = third;
    }
    AT(sixteen, to) = first;
    AT(sixteen, to + size - 16) = last;
}

/* Also correct if the blocks overlap and the target begins first. */
static inline void *move_upwards(char *to, const char *from, size_t size) {
    void *target = to;
    if (size < 16) {
        move_few(to, from, size);
    } else if (size <= 64) {
        move_some(to, from, size);
    } else {
        sixteen last = FROM(sixteen, from + size - 16);
        char *end = to + size - 16;
        for (; to < end; to += 16, from += 16)
            AT(sixteen, to) = FROM(sixteen, from);
        AT(sixteen, end) = last;
    }
    return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t size) {
    return move_upwards(target, source, size);
}

void *memmove(void *target, const void *source, size_t size) {
    char *to = target;
    const char *from = source;
    if (size <= 64 || (uintptr_t)to - (uintptr_t)from >= size)
        return move_upwards(to, from, size);
    /* The target begins within the source: copy from the end. */
    sixteen first = FROM(sixteen, from);
    for (size_t left = size; left > 16; left -= 16)
        AT(sixteen, to + left - 16) = FROM(sixteen, from + left - 16);
    AT(sixteen, to) = first;
    return target;
}

/* A bit for each byte that differs. */
static inline unsigned differ(sixteen a, sixteen b) {
    return __builtin_ia32_pmovmskb128((bytes16)((bytes16)a != (bytes16)b));
}

static inline int order(const unsigned char *a, const unsigned char *b) {
    return (int)*a - (int)*b;
}

int memcmp(const void *left, const void *right, size_t size) {
    const unsigned char *a = left, *b = right;
    if (size < 16) {
        for (const unsigned char *end = a + size; a < end; a++, b++)
            if (*a != *b)
                return order(a, b);
        return 0;
    }
    for (size_t at = 0;; at += 16) {
        if (at > size - 16)
            at = size - 16;
        unsigned bits = differ(FROM(sixteen, a + at), FROM(sixteen, b + at));
        if (bits) {
            at += __builtin_ctz(bits);
            return order(a + at, b + at);
        }
        if (at == size - 16)
            return 0;
    }
}

void *memchr(const void *bytes, int wanted, size_t size) {
    const unsigned char *from = bytes;
    unsigned char byte = wanted;
    if (size < 16) {
        for (const unsigned char *end = from + size; from < end; from++)
            if (*from == byte)
                return (void *)from;
        return NULL;
    }
    bytes16 many = (bytes16){} + (char)byte;
    for (size_t at = 0;; at += 16) {
        if (at > size - 16)
            at = size - 16;
        unsigned bits = 0xffff & ~differ(FROM(sixteen, from + at), (sixteen)many);
        if (bits)
            return (void *)(from + at + __builtin_ctz(bits));
        if (at == size - 16)
            return NULL;
    }
}
