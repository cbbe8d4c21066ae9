/*
 * The journal: the program's state outside the engine's heap, from which a failed program starts
 * again. It has one record for each table and number. Changes are staged until journal_commit()
 * makes them take effect or journal_discard() drops them.
 *
 * Records are appended to an open segment. When it is full, its live records, which no later record
 * replaces, are packed (journal_pack.h) into a closed segment. Closed segments with many replaced
 * records are emptied into the open one. So the size depends on the state, not on the number of
 * changes.
 */
#ifndef STUBDOM_JOURNAL_H
#define STUBDOM_JOURNAL_H

#include "host_contract.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tables, by number (`id`). JOURNAL_NODES: a row of the store, with parent, permission list, name
 * and value as the node was created. JOURNAL_STATES: a row, with permission list and value as they
 * changed later. JOURNAL_LISTS: a permission list, as value. JOURNAL_TEXTS: any other record of the
 * program, as value.
 */

struct journal_record {
    enum journal_table table;
    uint32_t id, parent, perms; /* below 2^31, but the root's parent is -1 */
    uint64_t stamp;             /* order of creation; of nodes and texts */
    const char *name, *value;
    uint32_t name_length, value_length;
};

struct journal;

/** Makes an empty journal. All of its memory counts with the engine's (engine_memory_resize()). */
struct journal *journal_new(void);
void journal_free(struct journal *);

/** Stages a record and sets its stamp. False: no memory. */
bool journal_put(struct journal *, const struct journal_record *);
/** The same for JOURNAL_STATES, inlined where a WRITE is recorded. */
bool journal_put_state(struct journal *, const struct journal_record *);
/** With the first state of a node whose name has that many bytes: the value that it was made with
 * need not be kept. False: no memory. */
bool journal_first_state(struct journal *, uint32_t id, size_t name);
/** Stages the removal of a record. False: no memory. */
bool journal_drop(struct journal *, enum journal_table, uint32_t id);
/** A free number of JOURNAL_TEXTS. Negative: no memory. */
long journal_number(struct journal *);
/** Gives a number back that no record was put under. */
void journal_number_back(struct journal *, uint32_t number);

/** Whether a number has a committed record, or a staged node. */
bool journal_has(const struct journal *, enum journal_table, uint32_t id);
/* The next three reserve memory, so that a later change cannot fail. False: no memory. */
/** For the numbers below `count`. */
bool journal_places(struct journal *, enum journal_table, uint32_t count);
/** For one record, with `bytes` bytes of name and value. */
bool journal_reserve(struct journal *, size_t bytes);
/** For `count` more staged changes without a record. */
bool journal_reserve_staged(struct journal *, size_t count);

/** The number of staged changes. */
size_t journal_mark(const struct journal *);
/** Drops the changes staged since journal_mark() returned `mark`. */
void journal_cancel(struct journal *, size_t mark);
/** Makes all staged changes take effect. It cannot fail. */
void journal_commit(struct journal *);
/** Drops all staged changes. */
void journal_discard(struct journal *);

/** Bytes of all its memory. */
size_t journal_memory(const struct journal *);
/** Records that count. */
size_t journal_count(const struct journal *);

/**
 * Begins to read the live records of a table, and drops all staged changes. Texts come in the order
 * of creation, other records in any order. False: no memory.
 */
bool journal_scan(struct journal *, enum journal_table);
/** The next record, valid until the next call. False: there are no more. */
bool journal_next(struct journal *, struct journal_record *);
/**
 * Between journal_scan() of nodes and the first record: room for the order of their creation, three
 * arrays of `rows` elements: `ages` and its `high` words until journal_order(), `order` while what
 * that returned is used.
 */
void journal_order_into(struct journal *, uint32_t *ages, uint32_t *high, uint32_t *order,
                        size_t rows);
/** After the last node: the rows in the order of creation, in `order`; NULL: there is no room for
 * them. */
const uint32_t *journal_order(struct journal *, size_t *count);
/** One more than the highest committed number. */
uint32_t journal_highest(const struct journal *, enum journal_table);
/** Frees the memory of the scan. */
void journal_scan_end(struct journal *);

#endif
