/*
 * What each file of the bindings has: a table of functions of host.ts, and what the engine calls of
 * them itself.
 */
#ifndef STUBDOM_BINDINGS_H
#define STUBDOM_BINDINGS_H

#include "stubdom/engine/engine.h"

/** The functions of host.ts, a table per file. */
struct binding {
    const JSCFunctionListEntry *functions;
    int count;
};
extern const struct binding bind_links, bind_domains, bind_clock, bind_log, bind_update,
    bind_journal, bind_paths, bind_diagnostics, bind_log_files;
/* Only in test mode. */
extern const struct binding bind_simulation;

JSValue bind_domain_info(JSContext *ctx, const struct domain_info *info);
/* What host.next() gives, once all before it counts, and host.reply(), for who serves without a
 * turn. */
JSValue bind_link_next(JSContext *ctx);
enum sent { SENT, NO_ROOM, THREW };
enum sent bind_link_reply(JSContext *ctx, JSValueConst payload);
/** The typed arrays of host.journal. */
void bind_journal_views(JSContext *ctx, JSValue journal);
/** Tells the journal of the row that is in host.journal.changed. False: no memory. */
bool bind_journal_changed(void);
/** There is no program that told of columns. */
void bind_journal_no_columns(void);

#endif
