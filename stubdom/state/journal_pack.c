#include "journal_pack.h"
#include "engine/word_ops.h"
#include <string.h>

/* The first byte: the table, and what needs not be said. */
#define TABLE 3
#define NEXT_ID 4    /* one more than before */
#define NEXT_STAMP 8 /* one more than before */
#define SAME_PARENT 16
#define SAME_PERMS 32
#define NO_VALUE 64
#define SAME_START 128 /* name or value begin as before: two lengths instead of one */

#define NUMBER_MOST 10

static uint8_t *put(uint8_t *to, uint64_t number) {
    for (; number >= 128; number >>= 7)
        *to++ = (uint8_t)(number | 128);
    *to++ = (uint8_t)number;
    return to;
}

static const uint8_t *get(const uint8_t *from, uint64_t *number) {
    unsigned shift = 0;
    *number = 0;
    do
        *number |= (uint64_t)(*from & 127) << shift, shift += 7;
    while (*from++ & 128);
    return from;
}

/* Differences have a sign: the lowest bit. */
static uint64_t folded(int64_t difference) {
    return (uint64_t)difference << 1 ^ (uint64_t)(difference >> 63);
}

static int64_t unfolded(uint64_t number) {
    return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

static bool has_stamp(enum journal_table table) {
    return table == JOURNAL_NODES || table == JOURNAL_TEXTS;
}

static bool has_perms(enum journal_table table) {
    return table == JOURNAL_NODES || table == JOURNAL_STATES;
}

static uint32_t common(const char *a, uint32_t a_length, const char *b, uint32_t b_length) {
    uint32_t most = a_length < b_length ? a_length : b_length, n = 0;
    for (; n + 8 <= most; n += 8) {
        uint64_t differs = word_at(a + n) ^ word_at(b + n);
        /* The first character is in the lowest bits. */
        if (differs)
            return n + (unsigned)__builtin_ctzll(differs) / 8;
    }
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

size_t journal_pack_most(const struct journal_record *r) {
    return 1 + 8 * NUMBER_MOST + r->name_length + r->value_length;
}

static uint8_t *put_text(uint8_t *to, const char *text, uint32_t length, uint32_t same,
                         bool with_same) {
    if (with_same)
        to = put(to, same);
    to = put(to, length - same);
    memcpy(to, text + same, length - same);
    return to + length - same;
}

uint8_t *journal_pack(struct journal_packing *packing, const struct journal_record *r,
                      uint8_t *to) {
    struct journal_record *last = &packing->last[r->table];
    uint8_t *flags = to++;
    uint32_t same_name = common(r->name, r->name_length, last->name, last->name_length);
    uint32_t same_value = common(r->value, r->value_length, last->value, last->value_length);
    bool same_start = same_name + same_value > (r->table == JOURNAL_NODES ? 2 : 1);

    *flags = r->table;
    if (!same_start)
        same_name = same_value = 0;
    else
        *flags |= SAME_START;
    if (r->id == last->id + 1)
        *flags |= NEXT_ID;
    else
        to = put(to, folded((int64_t)r->id - last->id));
    if (has_stamp(r->table)) {
        if (r->stamp == last->stamp + 1)
            *flags |= NEXT_STAMP;
        else
            to = put(to, folded((int64_t)(r->stamp - last->stamp)));
    }
    if (has_perms(r->table)) {
        if (r->perms == last->perms)
            *flags |= SAME_PERMS;
        else
            to = put(to, r->perms);
    }
    if (r->table == JOURNAL_NODES) {
        if (r->parent == last->parent)
            *flags |= SAME_PARENT;
        else
            to = put(to, folded((int64_t)r->id - r->parent));
        to = put_text(to, r->name, r->name_length, same_name, same_start);
    }
    if (r->value_length == 0)
        *flags |= NO_VALUE;
    else
        to = put_text(to, r->value, r->value_length, same_value, same_start);
    *last = *r;
    return to;
}

static const uint8_t *get_text(const uint8_t *from, const char *last, const char **start,
                               uint32_t *length, bool with_same, char **text) {
    uint64_t same = 0, rest;
    if (with_same)
        from = get(from, &same);
    from = get(from, &rest);
    if (same) /* at first there is none before */
        memcpy(*text, last, same);
    memcpy(*text + same, from, rest);
    *start = *text;
    *length = (uint32_t)(same + rest);
    *text += same + rest;
    return from + rest;
}

const uint8_t *journal_unpack(struct journal_packing *packing, struct journal_record *r,
                              const uint8_t *from, char **text) {
    uint8_t flags = *from++;
    struct journal_record *last = &packing->last[flags & TABLE];
    bool same_start = flags & SAME_START;
    uint64_t number;

    *r = *last;
    r->table = flags & TABLE;
    r->id = last->id + 1;
    if (!(flags & NEXT_ID)) {
        from = get(from, &number);
        r->id = (uint32_t)((int64_t)last->id + unfolded(number));
    }
    if (has_stamp(r->table)) {
        r->stamp = last->stamp + 1;
        if (!(flags & NEXT_STAMP)) {
            from = get(from, &number);
            r->stamp = last->stamp + (uint64_t)unfolded(number);
        }
    }
    if (has_perms(r->table) && !(flags & SAME_PERMS)) {
        from = get(from, &number);
        r->perms = (uint32_t)number;
    }
    if (r->table == JOURNAL_NODES) {
        if (!(flags & SAME_PARENT)) {
            from = get(from, &number);
            r->parent = (uint32_t)((int64_t)r->id - unfolded(number));
        }
        from = get_text(from, last->name, &r->name, &r->name_length, same_start, text);
    }
    if (flags & NO_VALUE) {
        r->value = *text;
        r->value_length = 0;
    } else {
        from = get_text(from, last->value, &r->value, &r->value_length, same_start, text);
    }
    *last = *r;
    return from;
}
