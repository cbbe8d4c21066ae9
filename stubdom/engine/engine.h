/* The state of the engine: one runtime, one program in it, driven by turns. */
#ifndef STUBDOM_ENGINE_H
#define STUBDOM_ENGINE_H

#include "engine/quickjs_ext.h"
#include "host_contract.h"
#include "stubdom/state/journal.h"
#include "stubdom/transport/link.h"
#include "stubdom/state/paths.h"
#include "stubdom/platform.h"
#include <quickjs.h>

/** Events that one turn takes at most. */
#define ENGINE_EVENTS 256

/** What the engine owns; the bindings work on it. */
struct engine {
    /* Members that each request touches come first (HOT_DATA_LARGE). */
    JSContext *context;
    JSValue program;               /* the result of start() */
    JSValue serve;                 /* its function serve() */
    bool serves;                   /* it has one */
    int32_t header[HEADER_FIELDS]; /* host.header */
    /* The program's state outside its heap (host.journal). */
    struct journal *journal;
    struct columns {
        const struct engine_list *rows, *paths, *values;  /* arrays */
        const struct engine_list *parent, *perms, *flags; /* typed arrays: int32_t; flags uint8_t */
    } columns;
    /* The path index (host.paths), and the paths of the rows. */
    struct paths *paths;
    const struct engine_list *text_list;
    /* The request scope: from one message to the next. All of it takes effect, or nothing. */
    int scope_link;     /* the link of its message; -1: none */
    size_t scope_size;  /* bytes of the message with its header */
    int scope_events;   /* events taken in it */
    bool watched;       /* a turn runs, and its time is limited */
    unsigned failures;  /* of the program since it last served a message */
    double scope_since; /* platform_now() when the scope was first seen to take long; 0: not yet */
    /* The request that is being served and has no answer yet. */
    int request_link; /* -1: none */
    struct header request;
    /* The payload behind its leading path; NULL: nothing. */
    const char *rest;
    size_t rest_length;

    JSRuntime *runtime;
    JSValue turn;                          /* the program's function turn() */
    JSValue column_arrays[COLUMNS], texts; /* keep columns and text_list alive */
    const uint8_t *file;                   /* the program file */
    size_t file_length;
    bool (*simulate)(unsigned domid, unsigned state); /* test mode; else NULL */
    char version[48];                                 /* of the program */
    int32_t events[2 * ENGINE_EVENTS];                /* host.events */
};

extern struct engine engine;

/**
 * Answers the request that is being served with ENOMEM or EIO, without an allocation in the
 * engine. If the reply cannot be queued, shuts the link off.
 */
void engine_refuse_request(void);
/** Runs of QuickJS's cycle collector. */
struct collector {
    unsigned long runs;
    double last, longest; /* milliseconds */
};
extern struct collector collector;
/** Calls a function of the program by name. False: it threw, and the exception was logged. */
bool engine_call(const char *name, int count, JSValueConst *arguments);
/** The configuration that the program runs with. */
extern struct platform_config engine_config;

/** A typed array over C's memory, which must outlive it. An exception: no memory. */
JSValue engine_view(JSContext *ctx, void *memory, size_t size, JSTypedArrayEnum type);

#endif
