#include "live_update.h"
#include "engine.h"
#include "boot.h"
#include "commit.h"
#include "memory.h"
#include "report.h"
#include "restart.h"
#include "stubdom/state/outages.h"
#include "stubdom/state/update.h"
#include <xen/io/xs_wire.h>

static void refuse_update(const char *why) {
    JSValue text = JS_NewString(engine.context, why);
    engine_memory_turn();
    engine_call("refused", 1, (JSValueConst *)&text);
    JS_FreeValue(engine.context, text);
    engine.header[HEADER_DEFERRED_WORK] = 1;
    engine_commit_point();
    /* The turn is over, so the reply would wait for the next. */
    link_flush();
}

static const char *start_successor(const struct platform_config *config) {
    size_t length;
    const uint8_t *file = update_program(&length);
    /* A WRITE may not use the reserve: the new program must fit beside the old one without it. */
    engine_memory_request(XS_WRITE, 0, -1);
    struct journal *journal = journal_new();
    if (!journal)
        return "Allocation failure.";
    engine.journal = journal;
    return engine_boot(file, length, config);
}

/* Returns only on failure. What the flush does not send stays in the links' buffers. */
static const char *leave(char **args) {
    link_flush();
    return platform_replace(update_executable(), args);
}

static const char *save(void) {
    if (engine_call("save", 0, NULL))
        return NULL;
    return engine_memory_failed() ? "Allocation failure." : "Dump of the state failed.";
}

/* The program failed while it gave its state: starts it again, which answers the request. */
static enum live_update give_up(void) {
    update_abort();
    return restart_program() ? LIVE_UPDATE_REFUSED : LIVE_UPDATE_LOST;
}

static enum live_update update(char **args) {
    struct platform_config next = engine_config;
    struct engine old = engine;
    struct report_table positions = report_table();

    outage_begin(update_is_whole() ? OUTAGE_WHOLE : OUTAGE_PROGRAM, "live update");
    next.origin = ORIGIN_PREDECESSOR;
    if (args)
        next.args = args;
    engine_memory_turn();
    /* The program forgets events once they are delivered, so this is committed even if the update
     * fails. */
    if (!engine_call("deliver", 0, NULL) || !engine_commit_point())
        return give_up();
    const char *wrong = save();
    /* save() also sweeps removed nodes, which is committed for the same reason. */
    if (!engine_commit_point()) {
        update_drop_state();
        return give_up();
    }
    if (!wrong)
        wrong = update_is_whole() ? leave(args) : start_successor(&next);
    update_drop_state();
    if (wrong) {
        if (engine.runtime != old.runtime)
            engine_tear_down(&engine);
        if (engine.journal != old.journal)
            journal_free(engine.journal);
        engine = old;
        report_restore(positions);
        /* Drop what the new program has sent. */
        link_discard();
        outage_forget();
        refuse_update(wrong);
        return LIVE_UPDATE_REFUSED;
    }
    engine_tear_down(&old);
    journal_free(old.journal);
    update_done();
    engine_config = next;
    engine_commit_point();
    outage_end();
    return LIVE_UPDATE_DONE;
}

enum live_update live_update(void) {
    char **args;
    return update_wanted(&args) ? update(args) : LIVE_UPDATE_NONE;
}

void live_update_arrived(void) {
    outage_end();
}
