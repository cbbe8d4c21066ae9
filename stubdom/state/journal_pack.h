/*
 * Records of the journal as bytes. Each is written against the one before it of its
 * table: what is the same, or one more, is a bit, and names and values leave out what
 * they begin with alike. Siblings that were made one after the other take little more
 * than what they differ in.
 */
#ifndef STUBDOM_JOURNAL_PACK_H
#define STUBDOM_JOURNAL_PACK_H

#include "journal.h"

/** The records before, by table; zero at the first. */
struct journal_packing {
    struct journal_record last[JOURNAL_TABLES];
};

/** Bytes that a record takes at most. */
size_t journal_pack_most(const struct journal_record *);
/** Writes a record; returns its end. Its name and value must stay where they are for the next. */
uint8_t *journal_pack(struct journal_packing *, const struct journal_record *, uint8_t *to);
/**
 * Reads a record; returns its end. Name and value are copied to *text, which must have room
 * for them and is moved behind them.
 */
const uint8_t *journal_unpack(struct journal_packing *, struct journal_record *,
                              const uint8_t *from, char **text);

#endif
