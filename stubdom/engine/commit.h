/* The commit point: between two messages, and at the end of a turn. */
#ifndef STUBDOM_ENGINE_COMMIT_H
#define STUBDOM_ENGINE_COMMIT_H

#include "stubdom/bindings/bindings.h"
#include "engine.h"
#include "engine/compiler.h"
#include "fault.h"

/**
 * Publishes all that the program did since the last commit point: journal records and sent bytes.
 * False: there is no memory for the journal records, and nothing is published.
 */
bool engine_commit_point(void);

/* The same, inlined into the loop that every message passes. */
static ALWAYS_INLINE bool commit_point(void) {
    if (!bind_journal_changed())
        return false;
    link_commit();
    journal_commit(engine.journal);
    if (engine.scope_link >= 0) {
        link_served(engine.scope_link);
        engine.scope_link = -1;
        engine.failures = 0;
    }
    fault_end();
    engine.scope_events = 0;
    engine.scope_since = 0;
    return true;
}

#endif
