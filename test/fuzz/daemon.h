/* The whole daemon in this process, used for many inputs, and looked at after each. */
#ifndef FUZZ_DAEMON_H
#define FUZZ_DAEMON_H

#include "../../stubdom/engine/boot.h"
#include "../../stubdom/engine/turn.h"
#include "platform.h"

extern const uint8_t embedded_program[], embedded_program_end[];

/** Starts the embedded program; the configuration may be changed before. */
extern struct platform_config daemon_config;
/** NULL, or why it does not start, after which daemon_stop() is still to be called. */
const char *daemon_start(void);
/** Ends it. All of the engine's memory must be given back. */
void daemon_stop(void);
/** Turns until nothing is left to be done. Fails where that does not come to an end. */
void daemon_turns(void);
/** As daemon_turns(), and then an update that was asked for. */
void daemon_turns_and_update(void);
/** Fails if the program said that it failed, or was started anew. */
void daemon_check_log(void);
/** Fails if the collector finds something. */
void daemon_check_garbage(void);

#endif
