/* The kernel's own memcpy and its like, beside the C library's, for every length up to some hundred
 * bytes at every distance; what lies around is never touched. */
#include "check.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#define memcpy kernel_memcpy
#define memmove kernel_memmove
#define memcmp kernel_memcmp
#define memchr kernel_memchr
void *kernel_memcpy(void *restrict, const void *restrict, size_t);
void *kernel_memmove(void *, const void *, size_t);
int kernel_memcmp(const void *, const void *, size_t);
void *kernel_memchr(const void *, int, size_t);
#include "../../mini-os/kernel/bytes.c"
#undef memcpy
#undef memmove
#undef memcmp
#undef memchr

#define MOST 200
#define AROUND 64

static unsigned char before[MOST + 2 * AROUND], mine[sizeof(before)], theirs[sizeof(before)];

static void fill(unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        bytes[i] = rand();
}

static void copies(void) {
    bool same = true;
    for (size_t size = 0; size <= MOST; size++)
        for (unsigned at = 0; at < 20; at++) {
            fill(before, sizeof(before));
            memset(mine, 7, sizeof(mine));
            memset(theirs, 7, sizeof(theirs));
            same &= kernel_memcpy(mine + at, before + 20 - at, size) == mine + at;
            memcpy(theirs + at, before + 20 - at, size);
            same &= memcmp(mine, theirs, sizeof(mine)) == 0;
        }
    CHECK(same);
}

static void moves_within(void) {
    bool same = true;
    for (size_t size = 0; size <= MOST; size++)
        for (int by = -40; by <= 40; by++) {
            fill(before, sizeof(before));
            memcpy(mine, before, sizeof(before));
            memcpy(theirs, before, sizeof(before));
            same &= kernel_memmove(mine + AROUND + by, mine + AROUND, size) == mine + AROUND + by;
            memmove(theirs + AROUND + by, theirs + AROUND, size);
            same &= memcmp(mine, theirs, sizeof(mine)) == 0;
        }
    CHECK(same);
}

static int sign(int order) {
    return (order > 0) - (order < 0);
}

/* Each is of its own allocation, so that the sanitizer sees a byte too many. */
static void compares(void) {
    bool same = true;
    for (size_t size = 0; size <= MOST; size++) {
        unsigned char *a = malloc(size), *b = malloc(size);
        fill(a, size);
        memcpy(b, a, size);
        same &= kernel_memcmp(a, b, size) == 0;
        for (size_t at = 0; at < size; at++) {
            b[at] = rand();
            if (at + 1 < size)
                b[at + 1 + rand() % (size - at - 1)] ^= 0x80;
            same &= sign(kernel_memcmp(a, b, size)) == sign(memcmp(a, b, size));
            memcpy(b, a, size);
        }
        free(a);
        free(b);
    }
    CHECK(same);
}

static void finds(void) {
    bool same = true;
    for (size_t size = 0; size <= MOST; size++) {
        unsigned char *bytes = malloc(size);
        memset(bytes, 'x', size);
        same &= kernel_memchr(bytes, 0, size) == NULL;
        for (size_t at = 0; at < size; at++) {
            bytes[at] = 0xe9;
            same &= kernel_memchr(bytes, 0xe9, size) == bytes + at;
            same &= kernel_memchr(bytes, 0xe9 - 256, size) == bytes + at;
            bytes[size - 1] = 0xe9;
            same &= kernel_memchr(bytes, 0xe9, size) == bytes + at;
            memset(bytes, 'x', size);
        }
        free(bytes);
    }
    CHECK(same);
}

int main(void) {
    RUN(copies);
    RUN(moves_within);
    RUN(compares);
    RUN(finds);
    return VERDICT;
}
