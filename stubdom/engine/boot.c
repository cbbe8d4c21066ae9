#include "boot.h"
#include "stubdom/bindings/host.h"
#include "stubdom/bindings/bindings.h"
#include "commit.h"
#include "memory.h"
#include "fault.h"
#include "stubdom/trace/packets.h"
#include "engine/program_file.h"
#include "report.h"
#include <stdio.h>
#include <string.h>

/* Bytes. The C stack of a stub domain has 256 KiB; the rest is for C frames that QuickJS does not
 * check. */
#define STACK_LIMIT (160 * 1024)

/*
 * Milliseconds that one request scope may take. Long work is cut into slices, so the largest
 * commits take longest; a busy host can make them ten times as long.
 */
#define SCOPE_MOST 10000.0

/* Calls and loop turns between two calls of interrupt(): about a millisecond. */
#define INTERRUPT_BUDGET 100000

#define NO_MEMORY "there is too little memory for the program: it needs a larger --memory"

/* An exception is pending. Logs it with its stack, unless memory ran out. */
static const char *cannot_start(const char *doing) {
    if (engine_memory_failed())
        return NO_MEMORY;
    report_exception(engine.context, doing);
    return "the program cannot start";
}

/* Runs the bundle's top level, and makes the Host object for its start(). */
static const char *load_program(JSContext *ctx, const struct program_file *program, JSValue *host) {
    JSValue code = JS_ReadObject(ctx, program->code, program->code_length, JS_READ_OBJ_BYTECODE);
    JSValue result = JS_IsException(code) ? code : JS_EvalFunction(ctx, code);
    if (JS_IsException(result))
        return cannot_start("loading the program");
    JS_FreeValue(ctx, result);
    if (!engine_make_builtins(ctx))
        return cannot_start("making the built-in functions");
    *host = bind_host(ctx);
    return NULL;
}

static const char *start_program(JSContext *ctx, JSValue host,
                                 const struct platform_config *config) {
    static char reason[256];
    if (engine.simulate)
        bind_host_for_tests(ctx, host);
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue bundle = JS_GetPropertyStr(ctx, global, "xenstored");
    JSValue start = JS_GetPropertyStr(ctx, bundle, "start");
    JSValue arguments[2] = {host, bind_config(ctx, config)};
    engine_memory_count = (struct engine_memory_count){engine_memory_count.section + 1, 0};
    engine.program = JS_Call(ctx, start, JS_UNDEFINED, 2, (JSValueConst *)arguments);
    engine_memory_count.section = RUNNING;
    for (int i = 0; i < 2; i++)
        JS_FreeValue(ctx, arguments[i]);
    JS_FreeValue(ctx, start);
    JS_FreeValue(ctx, bundle);
    JS_FreeValue(ctx, global);

    if (JS_IsException(engine.program))
        return cannot_start("starting the program");
    if (JS_IsString(engine.program)) {
        const char *text = JS_ToCString(ctx, engine.program);
        snprintf(reason, sizeof(reason), "%s", text ? text : "the program does not say why");
        JS_FreeCString(ctx, text);
        return reason;
    }
    engine.turn = JS_GetPropertyStr(ctx, engine.program, "turn");
    if (!JS_IsFunction(ctx, engine.turn))
        return "the program has no turn()";
    engine.serve = JS_GetPropertyStr(ctx, engine.program, "serve");
    engine.serves = JS_IsFunction(ctx, engine.serve);
    return NULL;
}

/*
 * Only the parts of the language that the program uses; biome.json forbids the others. What is not
 * added here is not linked. That includes the parser, so no text can become code.
 */
static JSContext *new_context(JSRuntime *runtime) {
    JSContext *ctx = JS_NewContextRaw(runtime);
    if (!ctx)
        return NULL;
    JS_AddIntrinsicBaseObjects(ctx);
    JS_AddIntrinsicDate(ctx);
    JS_AddIntrinsicRegExp(ctx);
    JS_AddIntrinsicJSON(ctx);
    JS_AddIntrinsicMapSet(ctx);
    JS_AddIntrinsicTypedArrays(ctx);
    return ctx;
}

/* Ends a request scope that takes too long: all clients wait for it. */
static int interrupt(JSRuntime *runtime, void *nothing) {
    (void)runtime, (void)nothing;
    engine_interrupt_budget = INTERRUPT_BUDGET;
    if (fault_now())
        return 1;
    if (!engine.watched)
        return 0;
    packets_time_passed();
    double now = platform_now();
    if (engine.scope_since == 0)
        engine.scope_since = now;
    return now - engine.scope_since > SCOPE_MOST;
}

/* A runtime with a context, and the program loaded into it. */
static const char *make_runtime(const struct program_file *program,
                                const JSMallocFunctions *functions, JSValue *host) {
    unsigned long failures = engine_memory_failures();
    engine.runtime = JS_NewRuntime2(functions, NULL);
    if (!engine.runtime)
        return NO_MEMORY;
    JS_SetMaxStackSize(engine.runtime, STACK_LIMIT);
    JS_SetInterruptHandler(engine.runtime, interrupt, NULL);
    /* No automatic collection: turn.c runs the cycle collector when memory has ended. */
    JS_SetGCThreshold(engine.runtime, (size_t)-1);
    engine.context = new_context(engine.runtime);
    if (!engine.context)
        return NO_MEMORY;
    const char *wrong = load_program(engine.context, program, host);
    /* QuickJS ignores that a built-in found no memory, and the program would run without it. */
    if (!wrong && engine_memory_failures() != failures) {
        JS_FreeValue(engine.context, *host);
        return NO_MEMORY;
    }
    return wrong;
}

const char *engine_snapshot(struct heap_snapshot *snapshot, const uint8_t *file, size_t length,
                            const JSMallocFunctions *functions) {
    struct program_file program;
    const char *wrong = program_file_open(file, length, &program);
    /* The process that uses the snapshot sets its own secret, and the build is reproducible. */
    engine_key_secret = 0;
    if (!wrong)
        wrong = make_runtime(&program, functions, &snapshot->host);
    if (wrong)
        return wrong;
    engine_detach(engine.context, &engine_malloc_functions);
    snapshot->runtime = engine.runtime;
    snapshot->context = engine.context;
    snapshot->file = file;
    return NULL;
}

/* Works once, because the program then changes the memory of the snapshot. */
static bool use_snapshot(struct heap_snapshot *snapshot, const uint8_t *file, JSValue *host) {
    if (!snapshot || !snapshot->runtime || snapshot->file != file)
        return false;
    engine_memory_early(snapshot->memory, snapshot->size, snapshot->used);
    engine.runtime = snapshot->runtime;
    engine.context = snapshot->context;
    *host = snapshot->host;
    snapshot->runtime = NULL;
    engine_attach(engine.context, platform_secret());
    return true;
}

const char *engine_boot(const uint8_t *file, size_t length, const struct platform_config *config) {
    struct program_file program;
    JSValue host;
    const char *wrong = program_file_open(file, length, &program);
    engine.runtime = NULL;
    engine.context = NULL;
    engine.request_link = engine.scope_link = -1;
    engine.simulate = config->simulate;
    engine.program = engine.turn = engine.serve = engine.texts = JS_UNDEFINED;
    engine.paths = NULL;
    bind_journal_no_columns();
    engine.file = file;
    engine.file_length = length;
    engine.watched = false;
    engine.header[HEADER_DEFERRED_WORK] = 1;
    if (wrong)
        return wrong;
    if (!engine_key_secret)
        engine_key_secret = platform_secret();
    memcpy(engine.version, program.version, sizeof(engine.version));
    report_positions(program.positions, program.positions_length);
    if (!use_snapshot(config->snapshot, file, &host))
        wrong = make_runtime(&program, &engine_malloc_functions, &host);
    return wrong ? wrong : start_program(engine.context, host, config);
}

void engine_tear_down(struct engine *e) {
    if (e->context) {
        for (size_t i = 0; i < COLUMNS; i++)
            JS_FreeValue(e->context, e->column_arrays[i]);
        JS_FreeValue(e->context, e->texts);
        JS_FreeValue(e->context, e->turn);
        JS_FreeValue(e->context, e->serve);
        JS_FreeValue(e->context, e->program);
        JS_FreeContext(e->context);
    }
    if (e->runtime)
        JS_FreeRuntime(e->runtime);
    paths_free(e->paths);
}

/* Must agree with Connection.privileged in src/server/. */
static enum memory_holder holder_of(int link) {
    const struct endpoint *endpoint = link < 0 ? NULL : link_endpoint(link);
    if (!endpoint || endpoint->domid < 0 || endpoint->domid == engine_config.priv_domid)
        return MEMORY_PRIVILEGED;
    return link_is_modest(link) ? MEMORY_MODEST : MEMORY_GUEST;
}

const char *engine_start(const uint8_t *file, size_t length, const struct platform_config *config) {
    engine_memory_init(config->memory_limit);
    engine_memory_holder = holder_of;
    engine_memory_others = link_all_buffers;
    link_memory_is_scarce = engine_memory_scarce;
    engine_config = *config;
    engine.runtime = NULL;
    engine.context = NULL;
    engine.paths = NULL;
    engine.journal = journal_new();
    if (!engine.journal)
        return NO_MEMORY;
    const char *wrong = engine_boot(file, length, config);
    engine_commit_point();
    return wrong;
}

void engine_stop(void) {
    engine_tear_down(&engine);
    journal_free(engine.journal);
    engine_memory_end();
}
