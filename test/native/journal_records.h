/* For the tests of the journal: records, and numbers that look random and are the same in each run.
 */
#ifndef TEST_JOURNAL_RECORDS_H
#define TEST_JOURNAL_RECORDS_H

#include "../../stubdom/state/journal.h"
#include <stdio.h>
#include <string.h>

static unsigned seed = 1;

static unsigned any(unsigned below) {
    seed = seed * 1103515245u + 12345;
    return (seed >> 16) % below;
}

static struct journal_record of(enum journal_table table, uint32_t id, const char *name,
                                const char *value) {
    return (struct journal_record){.table = table,
                                   .id = id,
                                   .name = name,
                                   .value = value,
                                   .name_length = (uint32_t)strlen(name),
                                   .value_length = (uint32_t)strlen(value)};
}

#endif
