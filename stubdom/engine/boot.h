/* How an engine comes into being and goes: a runtime, and the program loaded and started in it. */
#ifndef STUBDOM_ENGINE_BOOT_H
#define STUBDOM_ENGINE_BOOT_H

#include "engine.h"

/** Loads the program and starts it. A text is why it cannot start; NULL: it runs. */
const char *engine_start(const uint8_t *file, size_t length, const struct platform_config *config);
/** Frees everything; for programs that end. */
void engine_stop(void);

/**
 * Makes an engine and starts a program in it: what was made is in `engine`, also when it fails. A
 * text is why it cannot start.
 */
const char *engine_boot(const uint8_t *file, size_t length, const struct platform_config *config);
/** Frees what engine_boot() made, but for the journal. */
void engine_tear_down(struct engine *);

/**
 * A program that is loaded and was never started, as linux/heap_snapshot.c puts it into an
 * executable. engine_boot() takes it in place of loading `file`.
 */
struct heap_snapshot {
    JSRuntime *runtime; /* NULL: it is used up */
    JSContext *context;
    JSValue host; /* for its start() */
    const uint8_t *file;
    void *memory; /* where all of it is */
    size_t size, used;
};
/** Loads a program, in memory of `functions`. NULL, or why it cannot be. */
const char *engine_snapshot(struct heap_snapshot *, const uint8_t *file, size_t length,
                            const JSMallocFunctions *functions);

#endif
