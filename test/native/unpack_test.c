/* gzip files that gzip has made, whole, cut and damaged. */
#include "../../stubdom/xen/unpack.h"
#include "check.h"
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define SIZE 300000
#define PACKED (SIZE + 4096)

static uint8_t contents[SIZE], packed[PACKED], again[SIZE + 1];
static unsigned seed = 1;

static unsigned any(unsigned below) {
    seed = seed * 1103515245u + 12345;
    return (seed >> 16) % below;
}

/* Packs `length` bytes of contents with the options, and returns how many they are then. */
static size_t pack(size_t length, const char *options) {
    char path[] = "/tmp/unpackXXXXXX", command[128];
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, contents, length) == (ssize_t)length);
    close(fd);
    snprintf(command, sizeof(command), "gzip %s -c %s", options, path);
    FILE *gzip = popen(command, "r");
    size_t size = fread(packed, 1, sizeof(packed), gzip);
    CHECK(pclose(gzip) == 0 && size > 18);
    unlink(path);
    return size;
}

/* With the exact size of memory, so that the sanitizer sees a byte too much. */
static bool unpacks(size_t size) {
    uint8_t *file = malloc(size), *to;
    memcpy(file, packed, size);
    size_t length = unpack_size(file, size);
    to = malloc(length < SIZE ? length : SIZE);
    bool good = unpack_is_packed(file, size) && length <= SIZE && unpack(file, size, to);
    if (good)
        memcpy(again, to, length);
    free(to);
    free(file);
    return good;
}

static void comes_back(size_t length, const char *options) {
    size_t size = pack(length, options);
    memset(again, 0xee, sizeof(again));
    CHECK(unpack_is_packed(packed, size));
    CHECK(unpack_size(packed, size) == length);
    CHECK(unpacks(size));
    CHECK(memcmp(again, contents, length) == 0 && again[length] == 0xee);
}

static void fill_with_text(void) {
    static const char *const words[] = {"mov ", "call ", "xenstore", "\0\0\0\0", "ret", "/local"};
    for (size_t at = 0; at < SIZE;) {
        const char *word = words[any(6)];
        size_t length = strlen(word) + any(3);
        for (size_t i = 0; i < length && at < SIZE; i++)
            contents[at++] = i < strlen(word) ? word[i] : (char)any(256);
    }
}

static void what_gzip_packs_comes_back(void) {
    static const size_t lengths[] = {0, 1, 2, 100, 4096, 65536, SIZE};
    fill_with_text();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        comes_back(lengths[i], "-1");
        comes_back(lengths[i], "-9 -n");
        comes_back(lengths[i], "-6 -N");
    }
}

static void what_cannot_be_packed_comes_back(void) {
    for (size_t i = 0; i < SIZE; i++)
        contents[i] = any(256);
    comes_back(SIZE, "-9");
    memset(contents, 7, SIZE);
    comes_back(SIZE, "-9");
}

static void a_part_is_refused(void) {
    fill_with_text();
    size_t size = pack(20000, "-9");
    for (size_t length = 18; length < size; length += 1 + any(50))
        CHECK(!unpacks(length));
}

static void a_damaged_one_is_refused(void) {
    fill_with_text();
    size_t size = pack(20000, "-9 -n");
    for (int n = 0; n < 3000; n++) {
        size_t at = 10 + any(size - 10);
        uint8_t was = packed[at];
        packed[at] ^= 1 + any(255);
        /* The last bits before the end belong to nothing. */
        CHECK(!unpacks(size) || memcmp(again, contents, 20000) == 0);
        packed[at] = was;
    }
    CHECK(unpacks(size));
}

static void anything_is_read_within_its_bounds(void) {
    for (int n = 0; n < 20000; n++) {
        size_t size = 18 + any(200);
        for (size_t i = 0; i < size; i++)
            packed[i] = any(256);
        memcpy(packed, "\x1f\x8b\x08", 3);
        packed[3] = any(4) ? 0 : packed[3];
        memcpy(packed + size - 4, &(uint32_t){any(2000)}, 4);
        CHECK(!unpacks(size));
    }
}

int main(void) {
    RUN(what_gzip_packs_comes_back);
    RUN(what_cannot_be_packed_comes_back);
    RUN(a_part_is_refused);
    RUN(a_damaged_one_is_refused);
    RUN(anything_is_read_within_its_bounds);
    return VERDICT;
}
