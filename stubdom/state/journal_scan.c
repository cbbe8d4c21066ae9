#include "journal_internal.h"
#include "stubdom/engine/memory.h"
#include "journal_pack.h"
#include <stdlib.h>
#include <string.h>

/* A record of JOURNAL_TEXTS. */
struct text {
    uint64_t stamp;
    const char *value;
    uint32_t id, length;
};

/* One pass over the records of a table. */
struct reading {
    enum journal_table table;
    uint32_t segment, record; /* the next closed segment and its record */
    const uint8_t *from;      /* its bytes */
    struct journal_packing packing;
    size_t at; /* the next of the open one */
    /* Nodes: of each row, how long ago it was made; the rows that were read. The caller's memory:
     * a store can be so full that there is none for them. */
    uint32_t *ages, *high, *order;
    size_t rows, count;
    /* JOURNAL_TEXTS: all records are read at once, and sorted. */
    bool sorting;
    struct text *sorted;
    size_t sorted_count, sorted_next;
};

static void *allocate(size_t size) {
    return engine_memory_resize(NULL, size);
}

static bool next_open(struct journal *j, struct journal_record *r) {
    while (journal_next_live(j, &j->reading->at, r))
        if (r->table == j->reading->table)
            return true;
    return false;
}

static bool next_closed(struct journal *j, struct journal_record *r) {
    struct reading *reading = j->reading;
    for (; reading->segment < j->segment_count; reading->segment++, reading->record = 0) {
        const struct segment *segment = &j->segments[reading->segment];
        if (!segment->bytes)
            continue;
        if (reading->record == 0) {
            reading->from = segment->bytes;
            memset(&reading->packing, 0, sizeof(reading->packing));
        }
        while (reading->record < segment->records) {
            reading->record++;
            reading->from = journal_unpack(&reading->packing, r, reading->from);
            if (r->table != reading->table ||
                j->places[r->table].of[r->id] != reading->segment + FIRST_CLOSED)
                continue;
            if (value_is_garbage(j, r))
                r->value_length = 0;
            return true;
        }
    }
    return false;
}

static int by_stamp(const void *left, const void *right) {
    const struct text *a = left, *b = right;
    return a->stamp < b->stamp ? -1 : a->stamp > b->stamp;
}

/* Reads all records of JOURNAL_TEXTS and sorts them by creation. */
static bool sort_kept(struct journal *j) {
    struct reading *reading = j->reading;
    const struct places *places = &j->places[JOURNAL_TEXTS];
    struct journal_record r;
    size_t room = 0, count = 0;
    /* Those that there are, not all that there ever were at a time. */
    for (uint32_t id = 0; id < places->room; id++)
        room += places->of[id] != NOWHERE;
    struct text *texts = reading->sorted = allocate((room + 1) * sizeof(*texts));
    if (!texts)
        return false;
    while (count < room && (next_closed(j, &r) || next_open(j, &r)))
        texts[count++] = (struct text){r.stamp, r.value, r.id, r.value_length};
    qsort(texts, count, sizeof(*texts), by_stamp);
    reading->sorted_count = count;
    return true;
}

bool journal_scan(struct journal *j, enum journal_table table) {
    size_t bytes;
    journal_scan_end(j);
    journal_discard(j);
    struct reading *reading = allocate(sizeof(*reading));
    if (!reading)
        return false;
    *reading = (struct reading){.table = table, .sorting = table == JOURNAL_TEXTS};
    j->reading = reading;
    journal_mark_live(j, LAST_CLOSED, &bytes);
    journal_places_back(j);
    if (j->reading && reading->sorting && !sort_kept(j))
        journal_scan_end(j);
    return j->reading != NULL;
}

bool journal_next(struct journal *j, struct journal_record *r) {
    struct reading *reading = j->reading;
    if (!reading)
        return false;
    if (reading->sorting) {
        if (reading->sorted_next == reading->sorted_count)
            return false;
        const struct text *text = &reading->sorted[reading->sorted_next++];
        *r = (struct journal_record){.table = JOURNAL_TEXTS,
                                     .id = text->id,
                                     .stamp = text->stamp,
                                     .name = "",
                                     .value = text->value,
                                     .value_length = text->length};
        return true;
    }
    if (!next_closed(j, r) && !next_open(j, r))
        return false;
    if (reading->ages && r->id < reading->rows) {
        uint64_t age = j->stamp - r->stamp;
        reading->ages[r->id] = (uint32_t)age;
        reading->high[r->id] = (uint32_t)(age >> 32);
        reading->order[reading->count++] = r->id;
    }
    return true;
}

void journal_order_into(struct journal *j, uint32_t *ages, uint32_t *high, uint32_t *order,
                        size_t rows) {
    struct reading *reading = j->reading;
    if (!reading)
        return;
    reading->ages = ages;
    reading->high = high;
    reading->order = order;
    reading->rows = rows;
}

static const uint32_t *sort_ages, *sort_high;

static int by_age(const void *left, const void *right) {
    uint32_t one = *(const uint32_t *)left, other = *(const uint32_t *)right;
    uint64_t a = (uint64_t)sort_high[one] << 32 | sort_ages[one];
    uint64_t b = (uint64_t)sort_high[other] << 32 | sort_ages[other];
    return a > b ? -1 : a < b;
}

const uint32_t *journal_order(struct journal *j, size_t *count) {
    struct reading *reading = j->reading;
    *count = 0;
    if (!reading || !reading->ages)
        return NULL;
    sort_ages = reading->ages;
    sort_high = reading->high;
    qsort(reading->order, reading->count, sizeof(*reading->order), by_age);
    *count = reading->count;
    return reading->order;
}

uint32_t journal_highest(const struct journal *j, enum journal_table table) {
    uint32_t n = j->places[table].room;
    while (n > 0 && j->places[table].of[n - 1] == NOWHERE)
        n--;
    return n;
}

void journal_scan_end(struct journal *j) {
    if (!j->reading)
        return;
    engine_memory_give(j->reading->sorted);
    engine_memory_give(j->reading);
    j->reading = NULL;
}
