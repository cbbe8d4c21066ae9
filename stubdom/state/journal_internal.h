/*
 * What the files of the journal share, and nobody else: how records lie in segments, and where the
 * last record of each number is. journal.c stages and commits, journal_segments.c closes segments
 * and empties them, journal_scan.c reads.
 */
#ifndef STUBDOM_JOURNAL_INTERNAL_H
#define STUBDOM_JOURNAL_INTERNAL_H

#include "journal.h"
#include "engine/compiler.h"

/* An open segment of so many bytes is closed. */
#define CLOSE_AT (16 * 1024)
/* Bytes of replaced records that closed segments may hold: a part of those that count, and some. A
 * count of records would let a few small ones keep many large ones. */
#define GARBAGE_PART 5
#define GARBAGE_SOME CLOSE_AT
/* The size of a packed record is remembered in these, up to UNITS_MOST: those of a request fit. */
#define UNIT 16
#define UNITS_MOST 255

/* Where the last record of a number is. */
#define NOWHERE 0
#define OPEN 1
#define FIRST_CLOSED 2
#define LAST_CLOSED 0xfffe
/* A node that has no committed record yet: what comes later in its request scope is a state of
 * it, or it would come after the nodes below it. */
#define STAGED 0xffff

/* In the open segment a record stands as it is, followed by its name and its value. */
struct open_record {
    uint32_t size; /* with what follows, a multiple of eight */
    uint32_t id, parent, perms;
    uint64_t stamp;
    uint32_t name_length, value_length;
    uint32_t table;
    uint32_t before; /* size of the record before */
    uint32_t live;   /* while the segment is closed: this one counts */
    uint32_t unused;
};

struct segment {
    uint8_t *bytes;
    uint32_t size;
    uint32_t records, live;
    uint32_t units, live_units; /* their sizes */
};

struct staged {
    uint32_t at; /* where the open segment ended before */
    uint32_t id;
    uint16_t table;
    uint16_t place; /* OPEN or NOWHERE */
};

struct places {
    uint16_t *of;
    uint8_t *units; /* of the record, while it is in a closed segment */
    uint32_t room;
};

struct journal {
    struct places places[JOURNAL_TABLES];
    char *open;
    size_t open_end, open_room, committed;
    uint32_t last_size;  /* of the last record in it */
    struct staged first; /* a scope of one record looks at no other page; the rest follow there */
    struct staged *staged;
    size_t staged_count, staged_room;
    struct segment *segments; /* from FIRST_CLOSED on; bytes NULL: a free number */
    uint32_t segment_count, segment_room;
    size_t closed_live, open_live;
    size_t closed_units, closed_live_units;
    uint64_t stamp;
    uint32_t *numbers; /* of JOURNAL_TEXTS that are free */
    uint32_t number_count, number_room, number_top;
    size_t memory;
    struct reading *reading;
};

/* `block` is the address of a pointer to it, which follows. False: no memory. */
bool journal_resize(struct journal *j, void *block, size_t old, size_t size);
void journal_release(struct journal *j, void *block, size_t size);
/* Half as much again, and more than is asked for. */
bool journal_grow(struct journal *j, void *block, size_t item, size_t old, size_t wanted,
                  size_t *room);
/* Copies a record behind all others. False: no memory. */
bool journal_append(struct journal *j, const struct journal_record *r, uint64_t stamp);
/* Closes the open segment if it is full, and empties closed ones while they hold too much that was
 * replaced. */
void journal_tidy(struct journal *j, size_t records);
/* Marks the records of the open segment that count: the last of each number that leads here. */
size_t journal_mark_live(struct journal *j, unsigned claim, size_t *bytes);
/* Undoes journal_mark_live(). */
void journal_places_back(struct journal *j);
/* The next committed record of the open segment, from *at on; false: there is none. */
bool journal_next_live(const struct journal *j, size_t *at, struct journal_record *r);

/* A record in a closed segment that counts no longer. */
static ALWAYS_INLINE void forget(struct journal *j, unsigned place, uint32_t table, uint32_t id) {
    struct segment *segment = &j->segments[place - FIRST_CLOSED];
    uint8_t units = j->places[table].units[id];
    segment->live--;
    segment->live_units -= units;
    j->closed_live--;
    j->closed_live_units -= units;
}

static ALWAYS_INLINE bool has_garbage(const struct journal *j) {
    size_t garbage = j->closed_units - j->closed_live_units;
    return garbage > j->closed_live_units / GARBAGE_PART + GARBAGE_SOME / UNIT;
}

#endif
