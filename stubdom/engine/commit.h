/* Where what the program did counts: between two messages, and at the end of a turn. */
#ifndef STUBDOM_ENGINE_COMMIT_H
#define STUBDOM_ENGINE_COMMIT_H

#include "stubdom/bindings/bindings.h"
#include "engine.h"
#include "engine/compiler.h"
#include "fault.h"

/** All that was done since the last commit point counts. False: there is no memory to keep it. */
bool engine_commit_point(void);

/* The same, compiled into the one place that each message passes. */
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
