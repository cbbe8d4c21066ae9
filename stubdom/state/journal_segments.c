#include "journal_internal.h"
#include "stubdom/engine/memory.h"
#include "journal_pack.h"
#include <string.h>

/* Bytes that one commit may move out of segments with garbage: for the commit, and for each of its
 * records. It is enough to free garbage as fast as commits make it, whatever the sizes of the
 * replaced records are. */
#define MOVED_MOST CLOSE_AT
#define MOVED_EACH 1024
/* Segments that one commit empties, plus one for each of its records: each takes a search through
 * all segments. */
#define EMPTIED_MOST 16
/* Bytes of the packed records in one closed segment, at most; and where the heap has no such block.
 */
#define PACKED_MOST (2 * CLOSE_AT)
#define PACKED_LEAST 1024

static void record_at(const struct open_record *from, struct journal_record *r) {
    *r = (struct journal_record){.table = from->table,
                                 .id = from->id,
                                 .parent = from->parent,
                                 .perms = from->perms,
                                 .stamp = from->stamp,
                                 .name = (const char *)(from + 1),
                                 .value = (const char *)(from + 1) + from->name_length,
                                 .name_length = from->name_length,
                                 .value_length = from->value_length};
}

/* A place for a new closed segment; 0: there is none. */
static uint32_t free_segment(struct journal *j) {
    size_t room = j->segment_room;
    for (uint32_t i = 0; i < j->segment_count; i++)
        if (!j->segments[i].bytes)
            return i + FIRST_CLOSED;
    if (j->segment_count + FIRST_CLOSED > LAST_CLOSED)
        return 0;
    if (j->segment_count == room &&
        !journal_grow(j, &j->segments, sizeof(*j->segments), room, room, &room))
        return 0;
    j->segment_room = (uint32_t)room;
    j->segments[j->segment_count] = (struct segment){.bytes = NULL};
    return j->segment_count++ + FIRST_CLOSED;
}

size_t journal_mark_live(struct journal *j, unsigned claim, size_t *bytes) {
    size_t count = 0, size = j->last_size;
    *bytes = 0;
    for (size_t at = j->open_end; at > 0;) {
        at -= size;
        struct open_record *r = (struct open_record *)(j->open + at);
        uint16_t *place = &j->places[r->table].of[r->id];
        r->live = *place == OPEN;
        if (r->live) {
            *place = (uint16_t)claim;
            *bytes += r->size;
            count++;
        }
        size = r->before;
    }
    return count;
}

void journal_places_back(struct journal *j) {
    for (size_t at = 0; at < j->open_end;) {
        struct open_record *r = (struct open_record *)(j->open + at);
        if (r->live)
            j->places[r->table].of[r->id] = OPEN;
        at += r->size;
    }
}

/* Moves the marked records of the open segment together, and drops the others. */
static void squeeze(struct journal *j) {
    size_t end = 0;
    j->last_size = 0;
    for (size_t at = 0, size; at < j->open_end; at += size) {
        struct open_record *r = (struct open_record *)(j->open + at);
        size = r->size;
        if (!r->live)
            continue;
        memmove(j->open + end, r, size);
        r = (struct open_record *)(j->open + end);
        r->before = j->last_size;
        j->last_size = (uint32_t)size;
        end += size;
    }
    j->open_end = end;
}

bool journal_next_live(const struct journal *j, size_t *at, struct journal_record *r) {
    while (*at < j->open_end) {
        const struct open_record *from = (const struct open_record *)(j->open + *at);
        *at += from->size;
        if (!from->live)
            continue;
        record_at(from, r);
        if (value_is_garbage(j, r))
            r->value_length = 0;
        return true;
    }
    return false;
}

/* Gives each large record that counts a segment of its own. Returns how many; they are not marked
 * any more, and `bytes` is less by theirs. What there is no memory for stays in the open segment.
 */
static size_t put_alone(struct journal *j, size_t *bytes) {
    size_t count = 0;
    for (size_t at = 0; at < j->open_end;) {
        struct open_record *from = (struct open_record *)(j->open + at);
        struct journal_packing packing = {0};
        struct journal_record r;
        uint8_t *block = NULL;
        at += from->size;
        if (!from->live || from->size <= ALONE_FROM)
            continue;
        record_at(from, &r);
        if (value_is_garbage(j, &r))
            continue;
        uint32_t number = free_segment(j);
        size_t size = journal_pack_most(&r);
        if (!number || !journal_resize(j, &block, 0, size))
            continue;
        size_t packed = (size_t)(journal_pack(&packing, &r, block) - block);
        if (journal_resize(j, &block, size, packed))
            size = packed;
        uint32_t units = (uint32_t)((size + UNIT - 1) / UNIT);
        j->segments[number - FIRST_CLOSED] = (struct segment){.bytes = block,
                                                              .size = (uint32_t)size,
                                                              .records = 1,
                                                              .live = 1,
                                                              .units = units,
                                                              .live_units = units};
        j->places[r.table].of[r.id] = (uint16_t)number;
        j->places[r.table].units[r.id] = UNITS_MOST;
        j->closed_units += units;
        j->closed_live_units += units;
        j->closed_live++;
        j->open_live--;
        *bytes -= from->size;
        from->live = 0;
        count++;
    }
    return count;
}

/* Packs marked records from offset *at of the open segment on into a closed one, as many as come to
 * `room` bytes at most, and moves *at behind them. A record that is larger alone stays. Returns
 * their number; they are not marked any more. 0: there are none, or there is no memory. */
static size_t pack_some(struct journal *j, uint32_t number, size_t *at, size_t room) {
    /* So only what they come to has to be found in the heap. */
    static uint8_t here[PACKED_MOST];
    struct journal_packing packing = {0};
    struct journal_record r;
    uint8_t *bytes = NULL, *end = here;
    uint32_t count = 0, all = 0;
    size_t from = *at, to = from;
    for (size_t next = from; journal_next_live(j, &next, &r); to = next) {
        if (journal_pack_most(&r) > room - (size_t)(end - here)) {
            if (count > 0)
                break;
            from = next;
            continue;
        }
        uint8_t *begin = end;
        end = journal_pack(&packing, &r, end);
        size_t units = ((size_t)(end - begin) + UNIT - 1) / UNIT;
        units = units < UNITS_MOST ? units : UNITS_MOST;
        j->places[r.table].units[r.id] = (uint8_t)units;
        j->places[r.table].of[r.id] = (uint16_t)number;
        all += units;
        count++;
    }
    size_t size = (size_t)(end - here);
    if (!count || !journal_resize(j, &bytes, 0, size))
        return 0;
    memcpy(bytes, here, size);
    for (size_t n = from; n < to; n += ((struct open_record *)(j->open + n))->size)
        ((struct open_record *)(j->open + n))->live = 0;
    j->segments[number - FIRST_CLOSED] = (struct segment){.bytes = bytes,
                                                          .size = (uint32_t)size,
                                                          .records = count,
                                                          .live = count,
                                                          .units = all,
                                                          .live_units = all};
    j->closed_units += all;
    j->closed_live_units += all;
    j->closed_live += count;
    j->open_live -= count;
    *at = to;
    return count;
}

/* Packs all marked records, `live` of them, in parts: a large commit can leave more than the heap
 * has a block for. Returns how many stay, because there is no memory. */
static size_t pack_live(struct journal *j, size_t live) {
    size_t at = 0;
    for (size_t room = PACKED_MOST; live > 0 && room >= PACKED_LEAST;) {
        uint32_t number = free_segment(j);
        size_t packed = number ? pack_some(j, number, &at, room) : 0;
        if (!packed)
            room /= 2;
        live -= packed;
    }
    return live;
}

void journal_close(struct journal *j) {
    size_t bytes, live = journal_mark_live(j, LAST_CLOSED, &bytes);
    live -= put_alone(j, &bytes);
    if (2 * bytes >= j->open_end)
        live = pack_live(j, live);
    if (live) {
        journal_places_back(j);
        squeeze(j);
    } else {
        j->open_end = 0;
        j->last_size = 0;
    }
    j->committed = j->open_end;
    /* A larger one goes; what usual commits need stays. */
    if (j->open_room > 4 * OPEN_ROOM && j->open_end <= CLOSE_AT &&
        journal_resize(j, &j->open, j->open_room, OPEN_ROOM))
        j->open_room = OPEN_ROOM;
}

static void free_closed(struct journal *j, struct segment *segment) {
    j->closed_live -= segment->live;
    j->closed_units -= segment->units;
    j->closed_live_units -= segment->live_units;
    journal_release(j, segment->bytes, segment->size);
    *segment = (struct segment){.bytes = NULL};
}

COLD void journal_forget_value(struct journal *j, unsigned place, uint32_t id, uint32_t left) {
    struct segment *segment = &j->segments[place - FIRST_CLOSED];
    uint8_t *units = &j->places[JOURNAL_NODES].units[id];
    uint32_t before = segment->records == 1 ? segment->live_units : *units;
    if (before <= left)
        return;
    segment->live_units -= before - left;
    j->closed_live_units -= before - left;
    if (segment->records > 1)
        *units = (uint8_t)left;
}

COLD void journal_free_segment(struct journal *j, uint32_t index) {
    free_closed(j, &j->segments[index]);
}

/* Moves the live records of a closed segment to the open one, and frees it. False: no memory; some
 * records stay. */
static bool empty_segment(struct journal *j, uint32_t index) {
    struct segment *segment = &j->segments[index];
    if (segment->live == 0) {
        free_closed(j, segment);
        return true;
    }
    struct journal_packing packing = {0};
    struct journal_record r;
    const uint8_t *from = segment->bytes;
    for (uint32_t n = 0; n < segment->records; n++) {
        from = journal_unpack(&packing, &r, from);
        uint16_t *place = &j->places[r.table].of[r.id];
        if (*place != index + FIRST_CLOSED)
            continue;
        if (value_is_garbage(j, &r))
            r.value_length = 0;
        if (!journal_append(j, &r, r.stamp))
            return false;
        forget(j, *place, r.table, r.id);
        *place = OPEN;
        j->open_live++;
    }
    free_closed(j, segment);
    return true;
}

/* The closed segment with the smallest live part; -1: there is none. */
static long emptiest(const struct journal *j) {
    long best = -1;
    for (uint32_t i = 0; i < j->segment_count; i++) {
        const struct segment *a = &j->segments[i];
        if (!a->bytes)
            continue;
        const struct segment *b = best < 0 ? NULL : &j->segments[best];
        if (!b || (uint64_t)a->live_units * b->units < (uint64_t)b->live_units * a->units)
            best = i;
    }
    return best;
}

COLD void journal_tidy(struct journal *j, size_t records) {
    size_t most = MOVED_MOST + records * MOVED_EACH, moved = 0;
    if (j->open_end >= CLOSE_AT)
        journal_close(j);
    for (size_t n = 0; n < EMPTIED_MOST + records && moved < most && has_garbage(j); n++) {
        long index = emptiest(j);
        if (index < 0)
            break;
        moved += j->segments[index].live_units * UNIT;
        bool emptied = empty_segment(j, (uint32_t)index);
        if (j->open_end >= CLOSE_AT)
            journal_close(j);
        if (!emptied)
            break;
    }
    j->committed = j->open_end;
}
