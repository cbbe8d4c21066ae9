#include "unpack.h"
#include <string.h>

#define HEADER 10
#define TRAILER 8
enum header_flags { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16 };

#define BITS_MOST 15
#define LITERALS 288
#define DISTANCES 30
#define LENGTH_CODES 19
#define END_OF_BLOCK 256

struct source {
    const uint8_t *at, *end;
    uint32_t bits; /* read, not used */
    unsigned count;
    bool ended; /* more was read than there is */
};

struct target {
    uint8_t *begin, *at, *end;
};

/* A Huffman code: how many symbols each length has, and the symbols in the order of their codes. */
struct code {
    uint16_t of_length[BITS_MOST + 1];
    uint16_t symbols[LITERALS];
};

static unsigned take(struct source *from, unsigned count) {
    while (from->count < count) {
        from->ended |= from->at == from->end;
        from->bits |= (uint32_t)(from->at < from->end ? *from->at++ : 0) << from->count;
        from->count += 8;
    }
    unsigned value = from->bits & ((1U << count) - 1);
    from->bits >>= count;
    from->count -= count;
    return value;
}

/* Codes of one length are consecutive numbers, and follow those of the length before, doubled. */
static int symbol(struct source *from, const struct code *code) {
    int first = 0, index = 0, value = 0;
    for (unsigned length = 1; length <= BITS_MOST; length++) {
        value |= (int)take(from, 1);
        int count = code->of_length[length];
        if (value - count < first)
            return code->symbols[index + value - first];
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    return -1;
}

/* False: there are more codes than the lengths allow. */
static bool make_code(struct code *code, const uint8_t *lengths, unsigned count) {
    uint16_t next[BITS_MOST + 1] = {0};
    int left = 1;
    memset(code->of_length, 0, sizeof(code->of_length));
    for (unsigned n = 0; n < count; n++)
        code->of_length[lengths[n]]++;
    code->of_length[0] = 0;
    for (unsigned length = 1; length <= BITS_MOST; length++) {
        left = 2 * left - code->of_length[length];
        if (left < 0)
            return false;
        next[length] = next[length - 1] + code->of_length[length - 1];
    }
    for (unsigned n = 0; n < count; n++)
        if (lengths[n])
            code->symbols[next[lengths[n]]++] = (uint16_t)n;
    return true;
}

/* The length of a repetition that a symbol begins: 3 to 258. */
static unsigned repetition(struct source *from, unsigned symbol) {
    unsigned n = symbol - END_OF_BLOCK - 1;
    if (n == 28)
        return 258;
    unsigned extra = n < 8 ? 0 : n / 4 - 1;
    return 3 + (n < 8 ? n : (4 + n % 4) << extra) + take(from, extra);
}

static unsigned distance(struct source *from, unsigned n) {
    unsigned extra = n < 4 ? 0 : n / 2 - 1;
    return 1 + (n < 4 ? n : (2 + n % 2) << extra) + take(from, extra);
}

static bool take_block(struct source *from, struct target *to, const struct code *literals,
                       const struct code *distances) {
    while (!from->ended) {
        int next = symbol(from, literals);
        if (next == END_OF_BLOCK)
            return true;
        if (next < 0 || next > END_OF_BLOCK + 29)
            return false;
        if (next < END_OF_BLOCK) {
            if (to->at == to->end)
                return false;
            *to->at++ = (uint8_t)next;
            continue;
        }
        unsigned length = repetition(from, (unsigned)next);
        int far = symbol(from, distances);
        if (far < 0 || far >= DISTANCES)
            return false;
        unsigned back = distance(from, (unsigned)far);
        if (back > (size_t)(to->at - to->begin) || length > (size_t)(to->end - to->at))
            return false;
        for (; length > 0; length--, to->at++)
            *to->at = to->at[-(ptrdiff_t)back];
    }
    return false;
}

static bool take_stored(struct source *from, struct target *to) {
    from->bits = from->count = 0;
    if (from->end - from->at < 4)
        return false;
    unsigned length = from->at[0] | from->at[1] << 8, check = from->at[2] | from->at[3] << 8;
    from->at += 4;
    if (length != (~check & 0xffff) || length > (size_t)(from->end - from->at) ||
        length > (size_t)(to->end - to->at))
        return false;
    memcpy(to->at, from->at, length);
    from->at += length;
    to->at += length;
    return true;
}

static bool take_fixed(struct source *from, struct target *to) {
    struct code literals, distances;
    uint8_t lengths[LITERALS];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    make_code(&literals, lengths, LITERALS);
    memset(lengths, 5, DISTANCES);
    make_code(&distances, lengths, DISTANCES);
    return take_block(from, to, &literals, &distances);
}

/* The lengths of both codes, themselves in a code. */
static bool take_lengths(struct source *from, const struct code *code, uint8_t *lengths,
                         unsigned count) {
    unsigned at = 0;
    while (at < count) {
        int next = symbol(from, code);
        unsigned times = 1;
        uint8_t length = 0;
        if (next < 0 || (next == 16 && at == 0))
            return false;
        if (next < 16)
            length = (uint8_t)next;
        else if (next == 16) {
            length = lengths[at - 1];
            times = 3 + take(from, 2);
        } else
            times = next == 17 ? 3 + take(from, 3) : 11 + take(from, 7);
        if (times > count - at)
            return false;
        memset(lengths + at, length, times);
        at += times;
    }
    return !from->ended;
}

static bool take_dynamic(struct source *from, struct target *to) {
    static const uint8_t order[LENGTH_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct code literals, distances;
    uint8_t lengths[LITERALS + 32] = {0};
    unsigned literal_count = 257 + take(from, 5), distance_count = 1 + take(from, 5);
    unsigned count = 4 + take(from, 4);
    for (unsigned n = 0; n < count; n++)
        lengths[order[n]] = (uint8_t)take(from, 3);
    if (literal_count > 286 || !make_code(&literals, lengths, LENGTH_CODES))
        return false;
    memset(lengths, 0, LENGTH_CODES);
    if (!take_lengths(from, &literals, lengths, literal_count + distance_count))
        return false;
    return make_code(&distances, lengths + literal_count, distance_count) &&
           make_code(&literals, lengths, literal_count) &&
           take_block(from, to, &literals, &distances);
}

static uint32_t crc(const uint8_t *bytes, size_t length) {
    uint32_t table[256], value = ~0U;
    for (uint32_t n = 0; n < 256; n++) {
        table[n] = n;
        for (int bit = 0; bit < 8; bit++)
            table[n] = table[n] & 1 ? table[n] >> 1 ^ 0xedb88320U : table[n] >> 1;
    }
    for (size_t i = 0; i < length; i++)
        value = value >> 8 ^ table[(value ^ bytes[i]) & 255];
    return ~value;
}

static uint32_t word_at(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

bool unpack_is_packed(const uint8_t *file, size_t size) {
    return size >= HEADER + TRAILER && file[0] == 0x1f && file[1] == 0x8b && file[2] == 8;
}

size_t unpack_size(const uint8_t *file, size_t size) {
    return word_at(file + size - 4);
}

static const uint8_t *behind_text(const uint8_t *at, const uint8_t *end) {
    const uint8_t *nul = memchr(at, 0, (size_t)(end - at));
    return nul ? nul + 1 : end;
}

static const uint8_t *behind_header(const uint8_t *file, const uint8_t *end) {
    const uint8_t *at = file + HEADER;
    unsigned flags = file[3];
    if (flags & HAS_EXTRA) {
        size_t length = end - at < 2 ? 0 : 2 + (at[0] | at[1] << 8);
        at = length <= (size_t)(end - at) ? at + length : end;
    }
    if (flags & HAS_NAME)
        at = behind_text(at, end);
    if (flags & HAS_COMMENT)
        at = behind_text(at, end);
    if (flags & HAS_CRC)
        at = end - at < 2 ? end : at + 2;
    return at;
}

bool unpack(const uint8_t *file, size_t size, uint8_t *to) {
    struct source from = {.end = file + size - TRAILER};
    struct target target = {.begin = to, .at = to, .end = to + unpack_size(file, size)};
    bool last = false;
    from.at = behind_header(file, from.end);
    while (!last && !from.ended) {
        last = take(&from, 1);
        unsigned kind = take(&from, 2);
        bool good = kind == 0   ? take_stored(&from, &target)
                    : kind == 1 ? take_fixed(&from, &target)
                    : kind == 2 ? take_dynamic(&from, &target)
                                : false;
        if (!good)
            return false;
    }
    return last && !from.ended && target.at == target.end &&
           crc(to, (size_t)(target.end - to)) == word_at(file + size - TRAILER);
}
