#include "daemon.h"
#include "../../stubdom/engine/memory.h"
#include "../../stubdom/engine/live_update.h"
#include "../../stubdom/state/outages.h"
#include "../../stubdom/trace/packets.h"
#include "../../stubdom/state/update.h"
#include "history.h"
#include <stdlib.h>

/* The longest input has some hundred messages, each of which may leave a few slices of work. */
#define TURNS_MOST 20000
#define PACKET_MEMORY (16 * 1024)

static char *no_words[] = {NULL};
struct platform_config daemon_config = {.priv_port = -1, .own_port = -1, .args = no_words};
static unsigned recoveries;

/* A frame of the interpreter is many times as large under the sanitizers. */
#define FRAMES_LARGER 16
void __wrap_JS_SetMaxStackSize(JSRuntime *runtime, size_t size);
void __real_JS_SetMaxStackSize(JSRuntime *runtime, size_t size);
void __wrap_JS_SetMaxStackSize(JSRuntime *runtime, size_t size) {
    __real_JS_SetMaxStackSize(runtime, FRAMES_LARGER * size);
}

const char *daemon_start(void) {
    static bool began;
    if (!began)
        packets_start(PACKET_MEMORY);
    began = true;
    fuzz_log = getenv("FUZZ_LOG") != NULL;
    fuzz_failed = false;
    recoveries = outages.counts[OUTAGE_RECOVERY];
    return engine_start(embedded_program, embedded_program_end - embedded_program, &daemon_config);
}

void daemon_stop(void) {
    engine_stop();
    update_abort();
    update_drop_state();
    if (engine_memory_used() != 0)
        fail("%zu bytes of the engine are left", engine_memory_used());
}

static void turns(bool update) {
    for (int i = 0; i < TURNS_MOST; i++) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        long delay = engine_turn(events);
        link_flush();
        enum live_update updated = update ? live_update() : LIVE_UPDATE_NONE;
        if (delay == ENGINE_LOST || updated == LIVE_UPDATE_LOST)
            fail("the program cannot be brought back");
        if (updated != LIVE_UPDATE_NONE)
            delay = 0;
        if (!link_look() && delay != 0 && !link_has_events())
            return;
    }
    fail("it does not come to rest");
}

void daemon_turns(void) {
    turns(false);
}

void daemon_turns_and_update(void) {
    turns(true);
}

void daemon_check_log(void) {
    if (fuzz_failed || outages.counts[OUTAGE_RECOVERY] != recoveries)
        fail("the program failed");
}

void daemon_check_garbage(void) {
    size_t used = engine_memory_used();
    JS_RunGC(engine.runtime);
    if (engine_memory_used() != used)
        fail("%zu bytes of garbage", used - engine_memory_used());
}
