/*
 * The bindings: C functions that implement src/host.ts, one table for each file, and the functions
 * of them that C calls too.
 */
#ifndef STUBDOM_BINDINGS_H
#define STUBDOM_BINDINGS_H

#include "stubdom/engine/engine.h"

/** A table of functions that become properties of a host object. */
struct binding {
    const JSCFunctionListEntry *functions;
    int count;
};
extern const struct binding bind_links, bind_domains, bind_clock, bind_log, bind_update,
    bind_handover, bind_journal, bind_journal_read, bind_paths, bind_diagnostics, bind_log_files;
/* In test mode only. */
extern const struct binding bind_simulation;

/** A DomainInfo object of host.ts. */
JSValue bind_domain_info(JSContext *ctx, const struct domain_info *info);
/**
 * The part of host.next() after the commit: takes the next message. Returns its payload (a string),
 * null if there is none or it was refused, or undefined for a flow-controlled link.
 */
JSValue bind_link_next(JSContext *ctx);
/** Whether a request was refused because the journal had no room for it, and it still has none. */
bool bind_link_lacks_room(void);
/** host.reply(). THREW: an exception is pending. SENT also if there is no request to answer. */
enum sent { SENT, NO_ROOM, THREW };
enum sent bind_link_reply(JSContext *ctx, JSValueConst payload);
/** Adds the typed arrays to host.journal. */
void bind_journal_views(JSContext *ctx, JSValue journal);
/** Stages the rows that host.journal.changed counts. False: no memory, and none is staged. */
bool bind_journal_changed(void);
/** Forgets the columns of the program before. */
void bind_journal_no_columns(void);

#endif
