/* The layout of the path index, and its lookup as an inline function for each message. */
#ifndef STUBDOM_PATHS_FIND_H
#define STUBDOM_PATHS_FIND_H

#include "engine/word_ops.h"
#include "paths.h"

#define NONE UINT32_MAX
#define PAGE 4096

/* A row in the chain of its bucket. */
struct entry {
    uint32_t hash;
    uint32_t next; /* row, or NONE */
};

#define ENTRIES (PAGE / sizeof(struct entry))
#define BUCKETS (PAGE / sizeof(uint32_t))

/* Pages never move. A new page is filled with 0xff, so its links are NONE. */
struct table {
    void **pages;
    uint32_t count, room; /* used and allocated items of `pages` */
};

struct paths {
    uint64_t secret, other_secret;
    paths_is *is;
    void *rows;
    uint32_t count;
    uint32_t buckets;            /* in use: from mask + 1 to twice that */
    uint32_t mask;               /* the number of buckets before the present doubling, minus 1 */
    struct table entries, heads; /* struct entry by row; the first row of each bucket, or NONE */
};

static inline uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Takes eight bytes a step. The last step takes the last eight, and may overlap. */
static ALWAYS_INLINE uint32_t hash_of(const struct paths *p, const char *path, size_t length) {
    uint64_t hash = p->secret ^ length, word = 0;
    const char *end = path + length;
    if (length < 8) {
        while (path < end)
            word = word << 8 | (unsigned char)*path++;
    } else {
        for (; end - path > 8; path += 8)
            hash = mix(hash ^ word_at(path), p->other_secret);
        word = word_at(end - 8);
    }
    return (uint32_t)mix(hash ^ word, p->other_secret);
}

static inline struct entry *entry_of(const struct paths *p, uint32_t row) {
    return (struct entry *)p->entries.pages[row / ENTRIES] + row % ENTRIES;
}

static inline uint32_t *head_at(const struct paths *p, uint32_t bucket) {
    return (uint32_t *)p->heads.pages[bucket / BUCKETS] + bucket % BUCKETS;
}

static inline uint32_t *head_of(const struct paths *p, uint32_t hash) {
    uint32_t bucket = hash & (p->mask * 2 + 1);
    return head_at(p, bucket < p->buckets ? bucket : hash & p->mask);
}

/* The link that leads to the row of a path: a head, or `next` of an entry. NULL: none. */
static ALWAYS_INLINE uint32_t *place_of(const struct paths *p, uint32_t hash, const char *path,
                                        size_t length, paths_is *is) {
    for (uint32_t *at = head_of(p, hash); *at != NONE;) {
        struct entry *entry = entry_of(p, *at);
        if (entry->hash == hash && is(p->rows, *at, path, length))
            return at;
        at = &entry->next;
    }
    return NULL;
}

/* As paths_find(), but the compiler can inline `is`. */
static ALWAYS_INLINE long paths_find_with(const struct paths *p, const char *path, size_t length,
                                          paths_is *is) {
    const uint32_t *place = place_of(p, hash_of(p, path, length), path, length, is);
    return place ? (long)*place : -1;
}

#endif
