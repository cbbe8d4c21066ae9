#include "journal_internal.h"
#include "engine/word_ops.h"
#include "stubdom/engine/memory.h"
#include <string.h>

static ALWAYS_INLINE struct staged *staged_at(const struct journal *j, size_t n) {
    return n == 0 ? (struct staged *)&j->first : &j->staged[n - 1];
}

bool journal_resize(struct journal *j, void *block, size_t old, size_t size) {
    void **slot = block;
    void *more = engine_memory_resize(*slot, size);
    if (!more)
        return false;
    *slot = more;
    j->memory += size - old;
    return true;
}

void journal_release(struct journal *j, void *block, size_t size) {
    if (block)
        j->memory -= size;
    engine_memory_give(block);
}

COLD bool journal_grow(struct journal *j, void *block, size_t item, size_t old, size_t wanted,
                       size_t *room) {
    size_t least = wanted + 64, half = old + old / 2, more = half < least ? least : half;
    if (!journal_resize(j, block, old * item, more * item)) {
        /* A heap in pieces may have a block for what is wanted. */
        more = least;
        if (half <= least || !journal_resize(j, block, old * item, more * item))
            return false;
    }
    *room = more;
    return true;
}

struct journal *journal_new(void) {
    struct journal *j = engine_memory_resize(NULL, sizeof(*j));
    if (j) {
        memset(j, 0, sizeof(*j));
        j->memory = sizeof(*j);
    }
    /* All at once: a full heap may have no block of this size later. */
    if (j && !journal_grow(j, &j->open, 1, 0, OPEN_ROOM, &j->open_room)) {
        journal_free(j);
        return NULL;
    }
    /* A slice of a sweep then needs no allocation. */
    if (j && !journal_grow(j, &j->staged, sizeof(*j->staged), 0, STAGED_ROOM, &j->staged_room)) {
        journal_free(j);
        return NULL;
    }
    return j;
}

void journal_free(struct journal *j) {
    if (!j)
        return;
    journal_scan_end(j);
    for (int i = 0; i < JOURNAL_TABLES; i++) {
        engine_memory_give(j->places[i].of);
        engine_memory_give(j->places[i].units);
    }
    for (uint32_t i = 0; i < j->segment_count; i++)
        engine_memory_give(j->segments[i].bytes);
    engine_memory_give(j->segments);
    engine_memory_give(j->open);
    engine_memory_give(j->staged);
    engine_memory_give(j->numbers);
    engine_memory_give(j);
}

size_t journal_memory(const struct journal *j) {
    return j->memory;
}

size_t journal_count(const struct journal *j) {
    return j->closed_live + j->open_live;
}

/* Bytes of a packed node besides name and value, at most in usual stores. */
#define NODE_BESIDES 12

static ALWAYS_INLINE bool make_place(struct journal *j, enum journal_table table, uint32_t id) {
    uint32_t room = j->places[table].room, least = id + 64, more = room + room / 2;
    return id < room || journal_places(j, table, least > more ? least : more) ||
           journal_places(j, table, least);
}

static ALWAYS_INLINE bool stage(struct journal *j, enum journal_table table, uint32_t id,
                                unsigned place) {
    if (j->staged_count == j->staged_room &&
        !journal_grow(j, &j->staged, sizeof(*j->staged), j->staged_room, j->staged_room,
                      &j->staged_room))
        return false;
    *staged_at(j, j->staged_count++) =
        (struct staged){(uint32_t)j->open_end, id, (uint16_t)table, (uint16_t)place};
    return true;
}

static ALWAYS_INLINE bool add(struct journal *j, const struct journal_record *r, uint64_t stamp) {
    size_t size = sizeof(struct open_record) + r->name_length + r->value_length;
    size = (size + 7) & ~(size_t)7;
    if (j->open_end + size > j->open_room &&
        !journal_grow(j, &j->open, 1, j->open_room, j->open_end + size, &j->open_room))
        return false;
    struct open_record *to = (struct open_record *)(j->open + j->open_end);
    char *text = (char *)(to + 1);
    *to = (struct open_record){.size = (uint32_t)size,
                               .id = r->id,
                               .parent = r->parent,
                               .perms = r->perms,
                               .stamp = stamp,
                               .name_length = r->name_length,
                               .value_length = r->value_length,
                               .table = r->table,
                               .before = j->last_size};
    if (r->name_length)
        memcpy(text, r->name, r->name_length);
    copy_by_words(text + r->name_length, r->value, r->value_length);
    j->open_end += size;
    j->last_size = (uint32_t)size;
    return true;
}

bool journal_append(struct journal *j, const struct journal_record *r, uint64_t stamp) {
    return add(j, r, stamp);
}

static ALWAYS_INLINE bool put(struct journal *j, const struct journal_record *r) {
    const struct places *states = &j->places[JOURNAL_STATES];
    /* The row had another node before, whose state is still there. */
    if (r->table == JOURNAL_NODES && r->id < states->room && states->of[r->id] != NOWHERE &&
        !journal_drop(j, JOURNAL_STATES, r->id))
        return false;
    if (!make_place(j, r->table, r->id) || !stage(j, r->table, r->id, OPEN))
        return false;
    if (add(j, r, j->stamp + 1)) {
        uint16_t *place = &j->places[r->table].of[r->id];
        if (r->table == JOURNAL_NODES && *place == NOWHERE)
            *place = STAGED;
        j->stamp++;
        return true;
    }
    j->staged_count--;
    return false;
}

bool journal_put(struct journal *j, const struct journal_record *r) {
    return put(j, r);
}

ALWAYS_INLINE bool journal_put_state(struct journal *j, const struct journal_record *r) {
    return put(j, r);
}

ALWAYS_INLINE bool journal_has(const struct journal *j, enum journal_table table, uint32_t id) {
    return id < j->places[table].room && j->places[table].of[id] != NOWHERE;
}

bool journal_places(struct journal *j, enum journal_table table, uint32_t count) {
    struct places *places = &j->places[table];
    if (count <= places->room)
        return true;
    if (!journal_resize(j, &places->units, places->room, count))
        return false;
    if (!journal_resize(j, &places->of, places->room * sizeof(*places->of),
                        count * sizeof(*places->of))) {
        journal_resize(j, &places->units, count, places->room);
        return false;
    }
    memset(places->of + places->room, 0, (count - places->room) * sizeof(*places->of));
    places->room = count;
    return true;
}

/* Where the open segment cannot grow, it is closed, though no commit has filled it. */
static COLD bool make_room(struct journal *j, size_t bytes) {
    if (journal_grow(j, &j->open, 1, j->open_room, j->open_end + bytes, &j->open_room))
        return true;
    if (!j->staged_count)
        journal_close(j);
    return j->open_end + bytes <= j->open_room;
}

ALWAYS_INLINE bool journal_reserve(struct journal *j, size_t bytes) {
    size_t wanted = sizeof(struct open_record) + bytes;
    return j->open_end + wanted <= j->open_room || make_room(j, wanted);
}

bool journal_reserve_staged(struct journal *j, size_t count) {
    size_t end = j->staged_count + count;
    return end <= j->staged_room ||
           journal_grow(j, &j->staged, sizeof(*j->staged), j->staged_room, end, &j->staged_room);
}

bool journal_first_state(struct journal *j, uint32_t id, size_t name) {
    size_t units = (NODE_BESIDES + name + UNIT - 1) / UNIT;
    return stage(j, JOURNAL_NODES, id,
                 WITHOUT_VALUE + (unsigned)(units < UNITS_MOST ? units : UNITS_MOST));
}

bool journal_drop(struct journal *j, enum journal_table table, uint32_t id) {
    /* A number beyond the arrays has no record, committed or staged. */
    return id >= j->places[table].room || stage(j, table, id, NOWHERE);
}

long journal_number(struct journal *j) {
    if (j->number_count > 0)
        return j->numbers[--j->number_count];
    /* The list of free numbers has room for all numbers, so freeing one cannot fail. */
    size_t room = j->number_room;
    if (j->number_top == room &&
        !journal_grow(j, &j->numbers, sizeof(*j->numbers), room, room, &room))
        return -1;
    j->number_room = (uint32_t)room;
    return j->number_top++;
}

void journal_number_back(struct journal *j, uint32_t number) {
    j->numbers[j->number_count++] = number;
}

ALWAYS_INLINE size_t journal_mark(const struct journal *j) {
    return j->staged_count;
}

static void cut(struct journal *j, size_t end) {
    if (j->open_end == end)
        return;
    j->last_size = ((struct open_record *)(j->open + end))->before;
    j->open_end = end;
}

void journal_cancel(struct journal *j, size_t mark) {
    for (size_t i = mark; i < j->staged_count; i++) {
        const struct staged *s = staged_at(j, i);
        uint16_t *place = s->id < j->places[s->table].room ? &j->places[s->table].of[s->id] : NULL;
        if (place && *place == STAGED && s->place < WITHOUT_VALUE)
            *place = NOWHERE;
    }
    if (mark < j->staged_count)
        cut(j, staged_at(j, mark)->at);
    j->staged_count = mark < j->staged_count ? mark : j->staged_count;
}

/* Numbers that were taken for staged texts are free again, each once. */
static void numbers_back(struct journal *j) {
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < j->staged_count; i++) {
            const struct staged *s = staged_at(j, i);
            uint16_t *place = &j->places[s->table].of[s->id];
            if (s->table != JOURNAL_TEXTS || s->place != OPEN)
                continue;
            if (again && *place == STAGED) {
                *place = NOWHERE;
            } else if (!again && *place == NOWHERE) {
                *place = STAGED;
                journal_number_back(j, s->id);
            }
        }
}

void journal_discard(struct journal *j) {
    numbers_back(j);
    journal_cancel(j, 0);
    cut(j, j->committed);
}

static ALWAYS_INLINE void replaced(struct journal *j, unsigned place, uint32_t table, uint32_t id) {
    if (place == OPEN)
        j->open_live--;
    else if (place >= FIRST_CLOSED && place != STAGED) {
        forget(j, place, table, id);
        if (UNLIKELY(!j->segments[place - FIRST_CLOSED].live))
            journal_free_segment(j, place - FIRST_CLOSED);
    }
}

/* A large commit needs more than others, once. */
static COLD void shrink_staged(struct journal *j) {
    if (journal_resize(j, &j->staged, j->staged_room * sizeof(*j->staged),
                       STAGED_ROOM * sizeof(*j->staged)))
        j->staged_room = STAGED_ROOM;
}

ALWAYS_INLINE void journal_commit(struct journal *j) {
    if (!j->staged_count)
        return;
    for (size_t i = 0; i < j->staged_count; i++) {
        const struct staged *s = staged_at(j, i);
        uint16_t *place = &j->places[s->table].of[s->id];
        if (UNLIKELY(s->place >= WITHOUT_VALUE)) {
            if (*place >= FIRST_CLOSED && *place != STAGED)
                journal_forget_value(j, *place, s->id, s->place - WITHOUT_VALUE);
            continue;
        }
        replaced(j, *place, s->table, s->id);
        if (s->place == OPEN)
            j->open_live++;
        else if (s->table == JOURNAL_TEXTS && *place != NOWHERE)
            j->numbers[j->number_count++] = s->id;
        *place = s->place;
    }
    size_t records = j->staged_count;
    j->staged_count = 0;
    j->committed = j->open_end;
    if (UNLIKELY(j->staged_room > 4 * STAGED_ROOM))
        shrink_staged(j);
    if (j->open_end >= CLOSE_AT || has_garbage(j))
        journal_tidy(j, records);
}
