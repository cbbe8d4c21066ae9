#include "paths_find.h"
#include "stubdom/engine/memory.h"

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
    /* Odd, so that mix() never multiplies by zero. */
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

long paths_find(const struct paths *p, const char *path, size_t length) {
    return paths_find_with(p, path, length, p->is);
}

/* Adds a bucket and splits another one into it. Without memory the chains just become longer. */
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
    uint32_t *place = place_of(p, hash, path, length, p->is);
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
