/*
 * Records of the journal as bytes. The numbers of each are written against those of the one before
 * it of its table: what is the same, or one more, is a bit. Names and values are written whole:
 * what a record takes follows from its own texts, so that nobody's account depends on what others
 * store.
 */
#ifndef STUBDOM_JOURNAL_PACK_H
#define STUBDOM_JOURNAL_PACK_H

#include "journal.h"

/** The last record of each table. All zero at the start of a segment. */
struct journal_packing {
    struct journal_record last[JOURNAL_TABLES];
};

/** The greatest packed size of a record, in bytes. */
size_t journal_pack_most(const struct journal_record *);
/** Writes a record; returns its end. */
uint8_t *journal_pack(struct journal_packing *, const struct journal_record *, uint8_t *to);
/**
 * Reads a record; returns its end. Its name and value are where the packed record is.
 */
const uint8_t *journal_unpack(struct journal_packing *, struct journal_record *,
                              const uint8_t *from);

#endif
