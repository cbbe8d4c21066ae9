/* The engine's life: one runtime, one program in it, driven by turns. */
#ifndef STUBDOM_ENGINE_H
#define STUBDOM_ENGINE_H

#include "link.h"
#include "platform.h"
#include <quickjs.h>

#define ENGINE_EVENTS 256

/** What the engine owns; the bindings work on it. */
struct engine {
    JSRuntime *runtime;
    JSContext *context;
    JSValue program; /* what start() returned */
    JSValue turn;
    char version[48];                                 /* of the program */
    bool (*simulate)(unsigned domid, unsigned state); /* test mode; else NULL */
    int32_t header[6];                                /* host.header: see src/host.ts */
    int32_t events[2 * ENGINE_EVENTS];                /* host.events */
    /* The request that is being served, as long as nobody answered it. */
    int request_link; /* -1: none */
    struct header request;
    /* What follows the path that was handed over; NULL: nothing does. */
    const char *rest;
    size_t rest_length;
};

extern struct engine engine;

/** Loads the program and starts it. A text is why it cannot start; NULL: it runs. */
const char *engine_start(const uint8_t *file, size_t length, const struct platform_config *config);
/** Lets the program that update.h wants take over, if it wants one; false: the present one goes on.
 */
bool engine_exchange(const struct platform_config *config);
/** One turn. Returns milliseconds until the next is wanted, 0 at once, -1 on an event. */
long engine_turn(int events);
/** Answers the request that is being served, without an allocation: the program could not. */
void engine_refuse_request(void);
/** What the collector did, in milliseconds. */
struct collector {
    unsigned long runs;
    double last, longest;
};
extern struct collector collector;
/** Frees everything; for programs that end. */
void engine_stop(void);

/** The functions of host.ts, a table per file. */
struct binding {
    const JSCFunctionListEntry *functions;
    int count;
};
#define XS_WRITE_TYPE 11
#define XS_WATCH_EVENT_TYPE 15
#define XS_ERROR_TYPE 16

JSValue bind_domain_info(JSContext *ctx, const struct domain_info *info);
extern const struct binding bind_links, bind_domains, bind_clock, bind_log, bind_update,
    bind_insight, bind_log_files;
/* Only in test mode. */
extern const struct binding bind_simulation;

#endif
