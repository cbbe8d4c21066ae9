#include "fault.h"
#include "engine.h"
#include "memory.h"
#include "engine/compiler.h"

/* The greatest n of each kind: a little more than most messages need, so that failures also happen
 * after the reply. */
#define ALLOCATIONS 60
#define CALLS 8
#define LOOKS 20

static unsigned every HOT_DATA, calls_left HOT_DATA;
static bool armed HOT_DATA;
static unsigned random_state, happened;
static bool looking;
static enum fault_kind next_kind;
static unsigned next_n HOT_DATA;

static unsigned any(unsigned below) {
    random_state = random_state * 1103515245u + 12345u;
    return (random_state >> 16) % below;
}

void fault_every(unsigned messages) {
    every = messages;
}

void fault_next(enum fault_kind kind, unsigned n) {
    next_kind = kind;
    next_n = n;
}

static void choose(void) {
    static const unsigned most[] = {ALLOCATIONS, CALLS, LOOKS};
    next_kind = any(3);
    next_n = 1 + any(most[next_kind]);
}

static COLD void plan(void) {
    if (every && !any(every))
        choose();
    if (!next_n)
        return;
    armed = true;
    if (next_kind == FAULT_ALLOCATION) {
        engine_memory_fail_at(next_n);
    } else if (next_kind == FAULT_CALL) {
        calls_left = next_n;
    } else {
        looking = true;
        engine_interrupt_budget = (int)next_n - 1;
    }
    next_n = 0;
}

ALWAYS_INLINE void fault_message(void) {
    if (every | next_n)
        plan();
}

static COLD void disarm(void) {
    armed = looking = false;
    calls_left = 0;
    engine_memory_fail_at(0);
}

ALWAYS_INLINE void fault_end(void) {
    if (armed)
        disarm();
}

bool fault_now(void) {
    if (!looking)
        return false;
    looking = false;
    happened++;
    return true;
}

static COLD bool one_call_less(JSContext *ctx) {
    if (--calls_left)
        return false;
    happened++;
    JS_ThrowInternalError(ctx, "a failure on purpose");
    /* Half of them cannot be caught. */
    JSValue error = JS_GetException(ctx);
    JS_SetUncatchableError(ctx, error, any(2));
    JS_Throw(ctx, error);
    return true;
}

ALWAYS_INLINE bool fault_call(JSContext *ctx) {
    return calls_left && one_call_less(ctx);
}

unsigned fault_count(void) {
    return happened;
}
