#include "journal_pack.h"
#include <string.h>

/* The first byte: the table, and which fields are left out. */
#define TABLE 3
#define NEXT_ID 4    /* one more than before */
#define NEXT_STAMP 8 /* one more than before */
#define SAME_PARENT 16
#define SAME_PERMS 32
#define NO_VALUE 64

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

/* Zigzag coding: the sign becomes the lowest bit. */
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

size_t journal_pack_most(const struct journal_record *r) {
    return 1 + 8 * NUMBER_MOST + r->name_length + r->value_length;
}

static uint8_t *put_text(uint8_t *to, const char *text, uint32_t length) {
    to = put(to, length);
    memcpy(to, text, length);
    return to + length;
}

uint8_t *journal_pack(struct journal_packing *packing, const struct journal_record *r,
                      uint8_t *to) {
    struct journal_record *last = &packing->last[r->table];
    uint8_t *flags = to++;

    *flags = r->table;
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
        to = put_text(to, r->name, r->name_length);
    }
    if (r->value_length == 0)
        *flags |= NO_VALUE;
    else
        to = put_text(to, r->value, r->value_length);
    *last = *r;
    return to;
}

static const uint8_t *get_text(const uint8_t *from, const char **start, uint32_t *length) {
    uint64_t number;
    from = get(from, &number);
    *start = (const char *)from;
    *length = (uint32_t)number;
    return from + number;
}

const uint8_t *journal_unpack(struct journal_packing *packing, struct journal_record *r,
                              const uint8_t *from) {
    uint8_t flags = *from++;
    struct journal_record *last = &packing->last[flags & TABLE];
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
        from = get_text(from, &r->name, &r->name_length);
    }
    if (flags & NO_VALUE) {
        r->value = "";
        r->value_length = 0;
    } else {
        from = get_text(from, &r->value, &r->value_length);
    }
    *last = *r;
    return from;
}
