#include "turn.h"
#include "stubdom/bindings/bindings.h"
#include "engine.h"
#include "engine/compiler.h"
#include "commit.h"
#include "memory.h"
#include "report.h"
#include "restart.h"

/* Milliseconds between two collections. */
#define COLLECT_PAUSE 10000.0

/* The program should make no cycles. The pause keeps a guest that fills the store from making the
 * collector run in each turn. */
static COLD void collect(void) {
    static double last = -COLLECT_PAUSE;
    double now = platform_now();
    if (now - last < COLLECT_PAUSE)
        return;
    last = now;
    JS_RunGC(engine.runtime);
    collector.runs++;
    collector.last = platform_now() - now;
    if (collector.last > collector.longest)
        collector.longest = collector.last;
}

static COLD bool unsent(JSContext *ctx, JSValueConst reply, enum sent sent) {
    if (sent == NO_ROOM)
        return engine_call("unsent", 1, &reply);
    report_exception(ctx, "a reply");
    return false;
}

static COLD bool failed(JSContext *ctx) {
    report_exception(ctx, "a request");
    return false;
}

/* bind_link_next() returned no payload: undefined for a flow-controlled link, which needs turn();
 * null if there is no message, or it was refused. */
static COLD bool not_served(JSValueConst none) {
    if (!JS_IsUndefined(none))
        return engine_commit_point();
    link_wake(engine.header[HEADER_LINK]);
    engine.header[HEADER_DEFERRED_WORK] = 1;
    return true;
}

/* Serves messages until there is none left or the program needs a turn. Commits each before it
 * takes the next. */
static ALWAYS_INLINE bool serve(JSContext *ctx) {
    for (unsigned left = TURN_MESSAGES; left > 0; left--) {
        JSValue payload = bind_link_next(ctx);
        if (UNLIKELY(!JS_IsString(payload)))
            return not_served(payload);
        JSValue reply = engine_run(ctx, engine.serve, engine.program, 1, &payload);
        JS_FreeValue(ctx, payload);
        if (JS_IsException(reply))
            return failed(ctx);
        enum sent sent = JS_IsNull(reply) ? SENT : bind_link_reply(ctx, reply);
        if (UNLIKELY(sent != SENT) && !unsent(ctx, reply, sent)) {
            JS_FreeValue(ctx, reply);
            return false;
        }
        JS_FreeValue(ctx, reply);
        engine.request_link = -1;
        if (UNLIKELY(!commit_point()))
            return false;
        if (!link_any_ready() || engine.header[HEADER_DEFERRED_WORK] || engine_memory_scarce())
            return true;
    }
    return true;
}

static ALWAYS_INLINE bool serve_turn(JSContext *ctx) {
    bool good = serve(ctx);
    link_turn_ended();
    return good;
}

/* Calls the program's turn(). */
static COLD bool turn(JSContext *ctx, int events, int32_t *delay) {
    JSValue count = JS_NewInt32(ctx, events);
    engine.scope_events = events;
    if (link_memory_scarce)
        link_shrink();
    JSValue result = JS_Call(ctx, engine.turn, engine.program, 1, (JSValueConst *)&count);
    if (JS_IsException(result)) {
        report_exception(ctx, "a turn");
        return false;
    }
    JS_ToInt32(ctx, delay, result);
    JS_FreeValue(ctx, result);
    return true;
}

long engine_turn(int events) {
    JSContext *ctx = engine.context;
    int32_t delay = -1;
    /* While memory is scarce the program's turn() runs each time, to free some. */
    link_memory_scarce = engine_memory_scarce() || bind_link_lacks_room();
    bool plain =
        !(events | engine.header[HEADER_DEFERRED_WORK] | !engine.serves | link_memory_scarce);
    engine_memory_turn();
    link_turn();
    engine.watched = true;
    bool good = plain ? serve_turn(ctx) : turn(ctx, events, &delay) && engine_commit_point();
    engine.watched = false;
    if (!good)
        return restart_program() ? 0 : ENGINE_LOST;
    if (engine_memory_ended())
        collect();
    return plain && UNLIKELY(engine.header[HEADER_DEFERRED_WORK]) ? 0 : delay;
}
