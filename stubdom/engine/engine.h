/* The engine's life: one runtime, one program in it, driven by turns. */
#ifndef STUBDOM_ENGINE_H
#define STUBDOM_ENGINE_H

#include "engine/quickjs_ext.h"
#include "host_contract.h"
#include "stubdom/state/journal.h"
#include "stubdom/transport/link.h"
#include "stubdom/state/paths.h"
#include "stubdom/platform.h"
#include <quickjs.h>

#define ENGINE_EVENTS 256

/** What the engine owns; the bindings work on it. */
struct engine {
    /* First what each request touches. */
    JSContext *context;
    JSValue program; /* what start() returned */
    JSValue serve;
    bool serves;                   /* the program has it */
    int32_t header[HEADER_FIELDS]; /* host.header */
    /* What its state is kept in, record by record (host.journal). */
    struct journal *journal;
    struct columns {
        const struct engine_list *rows, *paths, *values;  /* arrays */
        const struct engine_list *parent, *perms, *flags; /* typed arrays: int32_t, and uint8_t */
    } columns;
    /* Which row has a path (host.paths), and the rows' paths. */
    struct paths *paths;
    const struct engine_list *text_list;
    /* The request scope: from one message to the next. What it does counts whole, or not at all. */
    int scope_link;     /* whose message; -1: nobody's */
    size_t scope_size;  /* of the message, with its header */
    int scope_events;   /* events taken in it */
    bool watched;       /* a turn goes on */
    unsigned failures;  /* without a message served between them */
    double scope_since; /* when it was found to take long; 0: it was not */
    /* The request that is being served, as long as nobody answered it. */
    int request_link; /* -1: none */
    struct header request;
    /* What follows the path that was handed over; NULL: nothing does. */
    const char *rest;
    size_t rest_length;

    JSRuntime *runtime;
    JSValue turn;
    JSValue column_arrays[COLUMNS], texts;
    const uint8_t *file; /* the program's */
    size_t file_length;
    bool (*simulate)(unsigned domid, unsigned state); /* test mode; else NULL */
    char version[48];                                 /* of the program */
    int32_t events[2 * ENGINE_EVENTS];                /* host.events */
};

extern struct engine engine;

/** Answers the request that is being served, without an allocation: the program could not. */
void engine_refuse_request(void);
/** What the collector did, in milliseconds. */
struct collector {
    unsigned long runs;
    double last, longest;
};
extern struct collector collector;
/** Calls a function of the program. False: it threw, and that was reported. */
bool engine_call(const char *name, int count, JSValueConst *arguments);
/** The configuration that the program runs with. */
extern struct platform_config engine_config;

#define XS_WRITE_TYPE 11
#define XS_WATCH_EVENT_TYPE 15
#define XS_ERROR_TYPE 16

/** A typed array over memory of ours. */
JSValue engine_view(JSContext *ctx, void *memory, size_t size, JSTypedArrayEnum type);

#endif
