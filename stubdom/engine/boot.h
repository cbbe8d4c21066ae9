/* Makes and frees an engine: a runtime with the program loaded and started in it. */
#ifndef STUBDOM_ENGINE_BOOT_H
#define STUBDOM_ENGINE_BOOT_H

#include "engine.h"

/**
 * The first start of the process: sets up the limit of memory and the journal, then boots. `file`
 * is a program file (engine/program_file.h) and stays in use.
 */
const char *engine_start(const uint8_t *file, size_t length, const struct platform_config *config);
/** Frees everything at the end of the process. */
void engine_stop(void);

/**
 * Makes an engine and starts a program in it. On failure `engine` holds what was made, and the
 * caller tears it down.
 */
const char *engine_boot(const uint8_t *file, size_t length, const struct platform_config *config);
/** Frees what engine_boot() made. The journal stays. */
void engine_tear_down(struct engine *);

/**
 * A loaded program that was never started. linux/heap_snapshot.c makes it a section of the
 * executable, and engine_boot() takes it instead of loading `file`, once.
 */
struct heap_snapshot {
    JSRuntime *runtime; /* NULL: already taken */
    JSContext *context;
    JSValue host;        /* the argument of start() */
    const uint8_t *file; /* the program file that it was loaded from */
    void *memory;        /* holds all of its blocks */
    size_t size, used;   /* bytes of `memory`; of them in use */
};
/** Loads a program, with memory from `functions`, and detaches it from this process. */
const char *engine_snapshot(struct heap_snapshot *, const uint8_t *file, size_t length,
                            const JSMallocFunctions *functions);

#endif
