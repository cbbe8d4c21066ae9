#include "paths.h"
#include "engine_memory.h"
#include <string.h>

#define NONE UINT32_MAX
#define PAGE 4096

/* A row's place in the chain of its bucket. */
struct entry {
    uint32_t hash;
    uint32_t next; /* row, or NONE */
};

#define ENTRIES (PAGE / sizeof(struct entry))
#define BUCKETS (PAGE / sizeof(uint32_t))

/* Pages that are never moved; a new one is filled with 0xff. */
struct table {
    void **pages;
    uint32_t count, room;
};

struct paths {
    uint64_t secret, other_secret;
    paths_is *is;
    void *rows;
    uint32_t count;
    uint32_t buckets; /* in use: between mask + 1 and twice that */
    uint32_t mask;    /* of buckets before the table began to grow by the next power of two */
    struct table entries, heads;
};

static uint64_t load(const char *from) {
    uint64_t word;
    memcpy(&word, from, sizeof(word));
    return word;
}

static uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step; the last step takes the last eight, some of them again. */
static uint32_t hash_of(const struct paths *p, const char *path, size_t length) {
    uint64_t hash = p->secret ^ length;
    const char *end = path + length;
    if (length < 8) {
        uint64_t word = 0;
        memcpy(&word, path, length);
        return (uint32_t)mix(hash ^ word, p->other_secret);
    }
    for (; end - path > 8; path += 8)
        hash = mix(hash ^ load(path), p->other_secret);
    return (uint32_t)mix(hash ^ load(end - 8), p->other_secret);
}

static struct entry *entry_of(const struct paths *p, uint32_t row) {
    return (struct entry *)p->entries.pages[row / ENTRIES] + row % ENTRIES;
}

static uint32_t *head_at(const struct paths *p, uint32_t bucket) {
    return (uint32_t *)p->heads.pages[bucket / BUCKETS] + bucket % BUCKETS;
}

static uint32_t *head_of(const struct paths *p, uint32_t hash) {
    uint32_t bucket = hash & (p->mask * 2 + 1);
    return head_at(p, bucket < p->buckets ? bucket : hash & p->mask);
}

static bool add_page(struct table *table) {
    if (table->count == table->room) {
        uint32_t room = table->room + table->room / 4 + 8;
        void **more = engine_memory_resize(table->pages, room * sizeof(*more));
        if (!more)
            return false;
        table->pages = more;
        table->room = room;
    }
    void *page = engine_memory_resize(NULL, PAGE);
    if (!page)
        return false;
    memset(page, 0xff, PAGE);
    table->pages[table->count++] = page;
    return true;
}

static void free_table(struct table *table) {
    for (uint32_t i = 0; i < table->count; i++)
        engine_memory_give(table->pages[i]);
    engine_memory_give(table->pages);
}

struct paths *paths_new(uint64_t secret, paths_is *is, void *rows) {
    struct paths *p = engine_memory_resize(NULL, sizeof(*p));
    if (!p)
        return NULL;
    *p = (struct paths){.secret = secret, .is = is, .rows = rows};
    /* Odd, so that no factor is nothing. */
    p->other_secret = mix(secret | 1, 0x9e3779b97f4a7c15) | 1;
    p->buckets = BUCKETS;
    p->mask = BUCKETS - 1;
    if (add_page(&p->heads))
        return p;
    paths_free(p);
    return NULL;
}

void paths_free(struct paths *p) {
    if (!p)
        return;
    free_table(&p->entries);
    free_table(&p->heads);
    engine_memory_give(p);
}

/* Where the row of a path is noted: a head, or the entry before it; NULL: there is none. */
static uint32_t *place_of(const struct paths *p, uint32_t hash, const char *path, size_t length) {
    for (uint32_t *at = head_of(p, hash); *at != NONE;) {
        struct entry *entry = entry_of(p, *at);
        if (entry->hash == hash && p->is(p->rows, *at, path, length))
            return at;
        at = &entry->next;
    }
    return NULL;
}

long paths_find(const struct paths *p, const char *path, size_t length) {
    const uint32_t *place = place_of(p, hash_of(p, path, length), path, length);
    return place ? (long)*place : -1;
}

/* One bucket more, which takes its part of another. Without memory the chains become longer. */
static void grow(struct paths *p) {
    if (p->buckets / BUCKETS == p->heads.count && !add_page(&p->heads))
        return;
    uint32_t *stays = head_at(p, p->buckets - p->mask - 1);
    uint32_t *goes = head_at(p, p->buckets);
    for (uint32_t row = *stays; row != NONE;) {
        struct entry *entry = entry_of(p, row);
        uint32_t **end = entry->hash & (p->mask + 1) ? &goes : &stays;
        **end = row;
        *end = &entry->next;
        row = entry->next;
    }
    *stays = *goes = NONE;
    if (++p->buckets == (p->mask + 1) * 2)
        p->mask = p->buckets - 1;
}

bool paths_put(struct paths *p, const char *path, size_t length, uint32_t row) {
    uint32_t hash = hash_of(p, path, length);
    while (row / ENTRIES >= p->entries.count)
        if (!add_page(&p->entries))
            return false;
    struct entry *entry = entry_of(p, row);
    uint32_t *place = place_of(p, hash, path, length);
    if (place) {
        *entry = (struct entry){.hash = hash, .next = entry_of(p, *place)->next};
        *place = row;
        return true;
    }
    uint32_t *head = head_of(p, hash);
    *entry = (struct entry){.hash = hash, .next = *head};
    *head = row;
    if (++p->count > p->buckets)
        grow(p);
    return true;
}

bool paths_drop(struct paths *p, uint32_t row) {
    if (row / ENTRIES >= p->entries.count)
        return false;
    for (uint32_t *at = head_of(p, entry_of(p, row)->hash); *at != NONE;
         at = &entry_of(p, *at)->next) {
        if (*at != row)
            continue;
        *at = entry_of(p, row)->next;
        p->count--;
        return true;
    }
    return false;
}

size_t paths_count(const struct paths *p) {
    return p->count;
}

size_t paths_memory(const struct paths *p) {
    return sizeof(*p) + ((size_t)p->entries.count + p->heads.count) * PAGE;
}
