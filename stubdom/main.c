/* Starts the platform and the engine, then runs turns until the program is asked to end. */
#include "embedded.h"
#include "stubdom/engine/engine.h"
#include "stubdom/engine/boot.h"
#include "stubdom/engine/turn.h"
#include "stubdom/engine/live_update.h"
#include "engine/compiler.h"
#include "stubdom/trace/packets.h"
#include "platform.h"
#include "engine/program_file.h"
#include <stdio.h>
#include <string.h>

static COLD void greet(void) {
    char line[128];
    int size = snprintf(line, sizeof(line), "xenstore-ts %s, %s", engine.version, PROGRAM_ENGINE);
    platform_log(line, size);
}

static COLD int refuse(const char *why) {
    char line[512] = "xenstored: ";
    if (!*why)
        return 0;
    strncat(line, why, sizeof(line) - strlen(line) - 1);
    platform_log(line, strlen(line));
    return 1;
}

static COLD int lost(void) {
    return refuse("the program cannot be brought back");
}

/* A function of its own: GCC treats main() as cold and would compile the loop for size. */
static __attribute__((noinline, hot)) int turns(void) {
    while (platform_running()) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        long delay = engine_turn(events);
        link_flush();
        if (delay == ENGINE_LOST)
            return lost();
        enum live_update update = live_update();
        if (UNLIKELY(update != LIVE_UPDATE_NONE)) {
            if (update == LIVE_UPDATE_LOST)
                return lost();
            if (update == LIVE_UPDATE_DONE)
                greet();
            delay = 0;
        }
        platform_wait(link_look() ? 0 : delay);
    }
    return 0;
}

int main(int argc, char **argv) {
    struct platform_config config = {.priv_port = -1, .own_port = -1};
    const char *wrong = platform_start(argc, argv, &config);
    if (wrong)
        return refuse(wrong);
    packets_start(config.packet_memory);
    wrong = engine_start(embedded_program, embedded_program_end - embedded_program, &config);
    if (!wrong)
        wrong = platform_serve();
    if (wrong) {
        int status = refuse(wrong);
        platform_stop();
        return status;
    }
    greet();
    live_update_arrived();
    if (turns() != 0)
        return 1;
    platform_stop();
    engine_stop();
    return 0;
}
