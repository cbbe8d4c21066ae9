#include "journal_internal.h"
#include "stubdom/engine/memory.h"
#include "journal_pack.h"
#include <stdlib.h>
#include <string.h>

/* One pass over the records of a table. */
struct reading {
    enum journal_table table;
    uint32_t segment, record; /* the next closed segment and its record */
    const uint8_t *from;      /* its bytes */
    struct journal_packing packing;
    size_t at; /* the next of the open one */
    /* Nodes: of each row, how long ago it was made; the rows that were read. */
    uint32_t *ages, *order;
    size_t count;
    /* JOURNAL_TEXTS: all records are read at once, and sorted. */
    bool sorting;
    struct journal_record *sorted;
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
            if (r->table == reading->table &&
                j->places[r->table].of[r->id] == reading->segment + FIRST_CLOSED)
                return true;
        }
    }
    return false;
}

static int by_stamp(const void *left, const void *right) {
    const struct journal_record *a = left, *b = right;
    return a->stamp < b->stamp ? -1 : a->stamp > b->stamp;
}

/* Reads all records of JOURNAL_TEXTS and sorts them by creation. */
static bool sort_kept(struct journal *j) {
    struct reading *reading = j->reading;
    size_t room = j->number_top, count = 0;
    struct journal_record *records = allocate((room + 1) * sizeof(*records));
    reading->sorted = records;
    if (!records)
        return false;
    while (count < room && next_closed(j, &records[count]))
        count++;
    while (count < room && next_open(j, &records[count]))
        count++;
    qsort(records, count, sizeof(*records), by_stamp);
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
    if (table == JOURNAL_NODES) {
        size_t rows = j->places[JOURNAL_NODES].room + 1;
        reading->ages = allocate(rows * sizeof(*reading->ages));
        reading->order = allocate(rows * sizeof(*reading->order));
        if (!reading->ages || !reading->order)
            journal_scan_end(j);
    }
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
        *r = reading->sorted[reading->sorted_next++];
        return true;
    }
    if (!next_closed(j, r) && !next_open(j, r))
        return false;
    if (reading->ages) {
        uint64_t age = j->stamp - r->stamp;
        reading->ages[r->id] = age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
        reading->order[reading->count++] = r->id;
    }
    return true;
}

static const uint32_t *sort_ages;

static int by_age(const void *left, const void *right) {
    uint32_t a = sort_ages[*(const uint32_t *)left], b = sort_ages[*(const uint32_t *)right];
    return a > b ? -1 : a < b;
}

const uint32_t *journal_order(struct journal *j, size_t *count) {
    struct reading *reading = j->reading;
    sort_ages = reading->ages;
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
    engine_memory_give(j->reading->ages);
    engine_memory_give(j->reading->order);
    engine_memory_give(j->reading);
    j->reading = NULL;
}
