/* Where what the program did counts: between two messages, and at the end of a turn. */
#ifndef STUBDOM_ENGINE_COMMIT_H
#define STUBDOM_ENGINE_COMMIT_H

#include "stubdom/bindings/bindings.h"
#include "engine.h"
#include "engine/compiler.h"
#include "fault.h"

/** All that was done since the last boundary counts. False: there is no memory to keep it. */
bool engine_boundary(void);

/* The same, compiled into the one place that each message passes. */
static ALWAYS_INLINE bool boundary(void) {
    if (!bind_journal_changed())
        return false;
    link_commit();
    journal_commit(engine.journal);
    if (engine.unit_link >= 0) {
        link_served(engine.unit_link);
        engine.unit_link = -1;
        engine.failures = 0;
    }
    fault_end();
    engine.unit_events = 0;
    engine.unit_since = 0;
    return true;
}

#endif
