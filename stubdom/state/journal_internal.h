/*
 * Private to the files journal*.c: the layout of records in segments, and the place of the last
 * record of each number. journal.c stages and commits, journal_segments.c closes and empties
 * segments, journal_scan.c reads.
 */
#ifndef STUBDOM_JOURNAL_INTERNAL_H
#define STUBDOM_JOURNAL_INTERNAL_H

#include "journal.h"
#include "engine/compiler.h"

/* The open segment is closed at this size in bytes. */
#define CLOSE_AT (16 * 1024)
/* Bytes of replaced records that closed segments may hold: a fifth of the live bytes, and
 * GARBAGE_SOME more. If records were counted instead, a few small live ones could keep many large
 * dead ones. */
#define GARBAGE_PART 5
#define GARBAGE_SOME CLOSE_AT
/* The size of a packed record is stored in units of UNIT bytes, at most UNITS_MOST. A larger
 * record, such as the paths of a delivery, has a closed segment of its own, which knows its size.
 */
#define UNIT 16
#define UNITS_MOST 255
#define ALONE_FROM (UNITS_MOST * UNIT)
/* Room of the open segment: until it is closed, what comes before that, and the same once more. */
#define OPEN_ROOM (CLOSE_AT + 12 * 1024)
/* Room for staged changes: a node and a state for each of REMOVED_SLICE rows, and some. */
#define STAGED_ROOM 2200

/* The place of the last record of a number: one of these, or FIRST_CLOSED plus the index of a
 * closed segment. */
#define NOWHERE 0
#define OPEN 1
#define FIRST_CLOSED 2
#define LAST_CLOSED 0xfffe
/* A node without a committed record. A later change in the same request scope becomes a state: a
 * second node record would come after the nodes below it. */
#define STAGED 0xffff

/* A record in the open segment is not packed. Its name and value follow. */
struct open_record {
    uint32_t size; /* bytes with name and value, a multiple of eight */
    uint32_t id, parent, perms;
    uint64_t stamp;
    uint32_t name_length, value_length;
    uint32_t table;
    uint32_t before; /* size of the record before */
    uint32_t live;   /* set by journal_mark_live() */
    uint32_t unused;
};

struct segment {
    uint8_t *bytes;
    uint32_t size;
    uint32_t records, live;
    uint32_t units, live_units; /* their sizes */
};

/* A staged change. */
struct staged {
    uint32_t at; /* size of the open segment before it */
    uint32_t id;
    uint16_t table;
    uint16_t place; /* OPEN, NOWHERE, or WITHOUT_VALUE and the units of the name */
};

/* The first state of a node makes the value in its node record garbage: it goes when the record is
 * packed or moved next. */
#define WITHOUT_VALUE 2

/* By number: the place of its last record. */
struct places {
    uint16_t *of;
    uint8_t *units; /* size of the record, if it is in a closed segment */
    uint32_t room;  /* of both arrays */
};

struct journal {
    struct places places[JOURNAL_TABLES];
    char *open;                            /* the open segment */
    size_t open_end, open_room, committed; /* bytes; `committed` ends its committed part */
    uint32_t last_size;                    /* of the last record in it */
    struct staged first; /* the first staged change, on the page of this struct; a WRITE has one */
    struct staged *staged; /* the others */
    size_t staged_count, staged_room;
    struct segment *segments; /* closed ones; the place of index 0 is FIRST_CLOSED */
    uint32_t segment_count, segment_room;
    size_t closed_live, open_live;
    size_t closed_units, closed_live_units;
    uint64_t stamp;
    uint32_t *numbers; /* the free numbers of JOURNAL_TEXTS, number_count of them */
    uint32_t number_count, number_room, number_top;
    size_t memory;
    struct reading *reading; /* journal_scan.c; NULL: none */
};

/* Resizes the block that *block points to. `block` is the address of a pointer of any type. False:
 * no memory. */
bool journal_resize(struct journal *j, void *block, size_t old, size_t size);
void journal_release(struct journal *j, void *block, size_t size);
/* Grows an array of `old` items of `item` bytes to more than `wanted` items, and by half where the
 * heap has a block for that. */
bool journal_grow(struct journal *j, void *block, size_t item, size_t old, size_t wanted,
                  size_t *room);
/* Appends a record to the open segment. False: no memory. */
bool journal_append(struct journal *j, const struct journal_record *r, uint64_t stamp);
/* Closes the open segment. What there is no memory for stays in it. */
void journal_close(struct journal *j);
/* Closes the open segment if it is full, and empties closed segments while they hold too much
 * garbage. `records`: of this commit. */
void journal_tidy(struct journal *j, size_t records);
/* Counts the value of a node's record in a closed segment as garbage; `left`: units of the rest. */
void journal_forget_value(struct journal *j, unsigned place, uint32_t id, uint32_t left);
/* Frees a closed segment none of whose records counts. */
void journal_free_segment(struct journal *j, uint32_t index);
/* Marks the live records of the open segment, and sets their places to `claim`. Returns their
 * number; *bytes is their size. */
size_t journal_mark_live(struct journal *j, unsigned claim, size_t *bytes);
/* Sets the places of marked records to OPEN again. */
void journal_places_back(struct journal *j);
/* The next marked record of the open segment from offset *at on. False: there is none. */
bool journal_next_live(const struct journal *j, size_t *at, struct journal_record *r);

/* Whether the value in a node's record counts no more, because the node has a state. */
static ALWAYS_INLINE bool value_is_garbage(const struct journal *j,
                                           const struct journal_record *r) {
    const struct places *states = &j->places[JOURNAL_STATES];
    return r->table == JOURNAL_NODES && r->id < states->room && states->of[r->id] != NOWHERE;
}

/* Counts a record of a closed segment as garbage. */
static ALWAYS_INLINE void forget(struct journal *j, unsigned place, uint32_t table, uint32_t id) {
    struct segment *segment = &j->segments[place - FIRST_CLOSED];
    uint32_t units = segment->records == 1 ? segment->live_units : j->places[table].units[id];
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
