#include "restart.h"
#include "engine.h"
#include "boot.h"
#include "commit.h"
#include "memory.h"
#include "stubdom/trace/packets.h"
#include "stubdom/state/outages.h"
#include "stubdom/state/update.h"
#include <stdio.h>
#include <string.h>

/* Starts in one recovery, and failures without a served message between them. */
#define STARTS_MOST 3
/* Failures in a row for lack of memory after which all that waits for clients goes. */
#define FAILURES_GENTLE 4
#define FAILURES_MOST 20

/* Bytes of a refused message that are logged. */
#define SHOWN_MOST 256

static void say(const char *line) {
    platform_log(line, strlen(line));
}

/* Logs the message that made the program fail twice, to find the bug. */
static void show_refused(const char *payload) {
    char line[128 + 2 * SHOWN_MOST];
    const struct header *request = &engine.request;
    const struct endpoint *endpoint = link_endpoint(engine.scope_link);
    int at = snprintf(line, sizeof(line),
                      "refused after two failures: a message of %s %d, type %u, request %u, "
                      "transaction %u, %u bytes: ",
                      endpoint && endpoint->domid >= 0 ? "domain" : "link",
                      endpoint && endpoint->domid >= 0 ? endpoint->domid : engine.scope_link,
                      request->type, request->request_id, request->transaction_id, request->length);
    for (uint32_t i = 0; i < request->length && i < SHOWN_MOST; i++)
        at += snprintf(line + at, sizeof(line) - at, "%02x", (uint8_t)payload[i]);
    say(line);
}

/* Goes back to the last commit point. True: the message of the request scope is refused. */
static bool take_back(void) {
    bool refused = false;
    link_discard();
    journal_discard(engine.journal);
    /* NULL: the guest has reconnected or left meanwhile. */
    const char *message = link_last(engine.scope_link, engine.scope_size);
    if (message) {
        refused = !link_requeue(engine.scope_link, engine.scope_size);
        if (refused)
            show_refused(message + HEADER_SIZE);
        link_served(refused ? engine.scope_link : -1);
    }
    link_raise_again(engine.events, engine.scope_events);
    return refused;
}

static const char *start_again(const struct platform_config *config, int link,
                               const struct header *request) {
    engine_memory_turn();
    link_unclaim_all();
    engine.header[HEADER_TYPE] = (int32_t)request->type;
    engine.header[HEADER_REQ_ID] = (int32_t)request->request_id;
    engine.header[HEADER_TX_ID] = (int32_t)request->transaction_id;
    engine.header[HEADER_LINK] = link;
    return engine_boot(engine.file, engine.file_length, config);
}

bool restart_program(void) {
    struct platform_config again = engine_config;
    struct header request = engine.request;
    char line[160];
    const char *wrong = "the program fails whatever is done";
    int link = engine.scope_link;
    unsigned failures = ++engine.failures;

    /* The first time a large request may have used the memory; later the restored state did, or
     * what the first turn makes of it. */
    again.shed = SHED_NOTHING;
    if (failures > 1 && engine_memory_failed())
        again.shed = failures > FAILURES_GENTLE ? SHED_CLIENTS : SHED_EVENTS;
    packets_after_failure();
    outage_begin(OUTAGE_RECOVERY, engine_memory_failed() ? "no memory" : "an exception");
    /* A state stream or dump in progress: the new program does not continue it. */
    update_discard();
    again.origin = ORIGIN_JOURNAL;
    again.refused = take_back();
    for (int n = 0; n < STARTS_MOST && wrong && failures <= FAILURES_MOST; n++) {
        engine_tear_down(&engine);
        link_shrink();
        if (again.shed == SHED_CLIENTS)
            link_shed();
        wrong = start_again(&again, link, &request);
        journal_scan_end(engine.journal);
        if (!wrong)
            break;
        if (engine_memory_failed())
            again.shed = again.shed < SHED_EVENTS ? SHED_EVENTS : SHED_CLIENTS;
        journal_discard(engine.journal);
        link_discard();
        snprintf(line, sizeof(line), "recovery: %s", wrong);
        say(line);
    }
    if (wrong)
        return false;
    link_close_unclaimed();
    engine_commit_point();
    engine.failures = failures;
    outage_end();
    return true;
}
