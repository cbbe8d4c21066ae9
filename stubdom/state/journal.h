/*
 * What the program must not lose, outside its engine's heap: records by table and
 * number, each as it was given last. They are staged until journal_commit() makes all
 * that came since the last one count, or journal_discard() forgets it.
 *
 * Records are appended to an open segment; when that is full, those of it that are
 * still the last of their number are packed (journal_pack.h) into a closed one. A closed
 * segment with much in it that was replaced since is emptied into the open one, so that
 * what is kept follows what is there, not how often it changed.
 */
#ifndef STUBDOM_JOURNAL_H
#define STUBDOM_JOURNAL_H

#include "host_contract.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tables by what their numbers are. JOURNAL_NODES: rows of the store, a node as it was made with
 * parent, list, name and value. JOURNAL_STATES: rows again, list and value when they changed later.
 * JOURNAL_LISTS: permissions. JOURNAL_TEXTS: all else.
 */

struct journal_record {
    enum journal_table table;
    uint32_t id, parent, perms;
    uint64_t stamp; /* of nodes and what is kept: order of making */
    const char *name, *value;
    uint32_t name_length, value_length;
};

struct journal;

/** NULL: no memory. */
struct journal *journal_new(void);
void journal_free(struct journal *);

/* False: no memory, and nothing is staged. Numbers are below 2^31. */
/** The stamp is set here. */
bool journal_put(struct journal *, const struct journal_record *);
/** The same of a JOURNAL_STATES record, for the one place where a value that was written is told.
 */
bool journal_put_state(struct journal *, const struct journal_record *);
bool journal_drop(struct journal *, enum journal_table, uint32_t id);
/** A number of JOURNAL_TEXTS that is free; negative: no memory. */
long journal_number(struct journal *);

/** Whether a number has a committed record. */
bool journal_has(const struct journal *, enum journal_table, uint32_t id);
/* Ahead of time, so that it cannot fail later; false: no memory. */
/** Places for so many numbers. */
bool journal_places(struct journal *, enum journal_table, uint32_t count);
/** Room for a record with so many bytes of name and value. */
bool journal_reserve(struct journal *, size_t bytes);

/** How much is staged; journal_cancel() forgets what was staged after it. */
size_t journal_mark(const struct journal *);
void journal_cancel(struct journal *, size_t mark);
void journal_commit(struct journal *);
void journal_discard(struct journal *);

/** Bytes that it takes. */
size_t journal_memory(const struct journal *);
/** Records that count. */
size_t journal_count(const struct journal *);

/**
 * Begins to read the records of a table that count; what is staged is forgotten. What is kept
 * comes in the order of its making, nodes in none. False: no memory.
 */
bool journal_scan(struct journal *, enum journal_table);
/** The next record, valid until the next call; false: that was all. */
bool journal_next(struct journal *, struct journal_record *);
/** After the last of the nodes: their rows in the order of their making. */
const uint32_t *journal_order(struct journal *, size_t *count);
/** One more than the highest committed number. */
uint32_t journal_highest(const struct journal *, enum journal_table);
void journal_scan_end(struct journal *);

#endif
