/*
 * The whole program in its engine, over a link in the test's hand: that it serves, what it does not
 * evaluate, and what is left of clients.
 */
#include "../../stubdom/bindings/host.h"
#include "../../stubdom/engine/fault.h"
#include "../../stubdom/engine/memory.h"
#include "../../stubdom/engine/report.h"
#include "../../stubdom/linux/heap_snapshot.h"
#include "check.h"
#include "engine_driver.h"
#include "fake_platform.h"
#include <stdlib.h>
#include <string.h>

static void serves(void) {
    start(0);
    CHECK(write_node("/t/a", "one") && is_ok());
    CHECK(reads("/t/a", "one"));
    CHECK(request(XS_DIRECTORY, "/t") && is_ok() && strcmp(answer, "a") == 0);
    CHECK(request(XS_RM, "/t") && is_ok());
    CHECK(missing("/t/a"));
    stop();
}

/* Without a load: its memory is there, is given back, and never moves. */
static void a_program_of_a_snapshot_serves(void) {
    CHECK(!heap_snapshot_make(NULL, 0));
    start(0);
    CHECK(!heap_snapshot_program());
    CHECK(write_node("/t/a", "one") && is_ok() && reads("/t/a", "one"));
    JS_RunGC(engine.runtime);
    fault_next(FAULT_LOOK, 1);
    CHECK(reads("/t/a", "one"));
    CHECK(fault_count() == 1);
    CHECK(write_node("/t/b", "two") && is_ok() && reads("/t/a", "one"));
    stop();
    CHECK(engine_memory_used() == 0);
}

static void a_program_of_a_snapshot_ends(void) {
    /* Every second block lies elsewhere. */
    static bool written[20000];
    for (size_t i = 0; i < sizeof(written); i += 2)
        written[i] = true;
    CHECK(!heap_snapshot_make(written, sizeof(written)));
    start(0);
    CHECK(reads("/", ""));
    stop();
    CHECK(engine_memory_used() == 0);
}

static void evaluate(const char *text, const char *expected) {
    JSValue result = JS_Eval(engine.context, text, strlen(text), "test", JS_EVAL_TYPE_GLOBAL);
    CHECK(JS_IsException(result));
    JSValue exception = JS_GetException(engine.context);
    const char *said = JS_ToCString(engine.context, exception);
    CHECK(said && strstr(said, expected));
    JS_FreeCString(engine.context, said);
    JS_FreeValue(engine.context, exception);
    JS_FreeValue(engine.context, result);
}

static void no_text_becomes_code(void) {
    start(0);
    evaluate("1", "eval is not supported");
    CHECK(write_node("/t/a", "one") && is_ok() && reads("/t/a", "one"));
    stop();
}

static void stacks_end_in_an_exception(void) {
    start_with_parser(0);
    evaluate("(function f() { return f() + 1 })()", "stack overflow");
    /* In C: a comparison that calls itself back, a pattern that recurses, a nested literal. */
    evaluate("const a = [1, 2]; (function f() { a.sort(f); return 0 })()", "stack overflow");
    evaluate("let o = {}; for (let i = 0; i < 100000; i++) o = { o }; JSON.stringify(o)",
             "stack overflow");
    evaluate("JSON.parse('['.repeat(100000))", "stack overflow");
    CHECK(write_node("/t/a", "one") && is_ok() && reads("/t/a", "one"));
    stop();
}

/* host.ts says what each argument is. A program that has something else there is not to go on, nor
 * to catch that. */
static void wrong_arguments_end_the_program(void) {
    static const char *const calls[] = {
        "host.wake(-1)",
        "host.wake('1')",
        "host.close(1.5)",
        "host.send(undefined, 0, 0, 0, '')",
        "host.event(null, '/a', '')",
        "host.receive({})",
        "host.journal.changes(-1)",
        "host.journal.changes(100000)",
        "host.journal.released(1025)",
        "host.journal.list(-1, '')",
        "host.journal.drop('x')",
        "host.journal.scan(99)",
        "host.paths.put('/a', 100000)",
        "host.paths.drop(-1)",
        "host.journal.columns({})",
        "host.journal.columns({ rows: [], paths: [], values: [], parent: new Int32Array(8), "
        "permsOf: new Int32Array(8), flags: new Uint8Array(4) })",
    };
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        char text[256];
        start_with_parser(0);
        JSValue global = JS_GetGlobalObject(engine.context);
        JS_SetPropertyStr(engine.context, global, "host", bind_host(engine.context));
        JS_FreeValue(engine.context, global);
        snprintf(text, sizeof(text), "try { %s } catch (e) { 1 }", calls[i]);
        evaluate(text, "a wrong argument");
        stop();
    }
}

/* The program's first call of a built-in function may come when memory has ended. */
static void builtins_need_no_memory(void) {
    start_with_parser(0);
    JSContext *ctx = engine.context;
    static const char source[] =
        "const m = new Map([[1, 2], [3, 4]]);"
        "() => m.delete(1) && m.get(3) === 4 && !m.has(1) && m.clear() === undefined";
    JSValue f = JS_Eval(ctx, source, sizeof(source) - 1, "test", 0);
    engine_memory_request(XS_WRITE, 0, the_link);
    engine_memory_fail_at(1);
    JSValue result = JS_Call(ctx, f, JS_UNDEFINED, 0, NULL);
    engine_memory_fail_at(0);
    CHECK(JS_ToBool(ctx, result) == 1);
    JS_FreeValue(ctx, result);
    JS_FreeValue(ctx, f);
    stop();
}

/* A client with a watch, an open transaction, and replies that it does not read, goes away. */
static void come_and_go(void) {
    char value[1024];
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    the_link = pipe_open(&far_end);
    link_connected(the_link);
    CHECK(write_node("/t/a", value) && is_ok());
    CHECK(request_bytes(XS_WATCH, "/t\0token", 9) && is_ok());
    CHECK(request(XS_TRANSACTION_START, "") && is_ok());
    transaction = strtoul(answer, NULL, 10);
    CHECK(write_node("/t/b", value) && is_ok());
    transaction = 0;
    far_end.room = 0;
    for (int i = 0; i < 30; i++)
        request(XS_READ, "/t/a");
    CHECK(link_is_open(the_link));
    far_end.next_result = -LINK_COMM;
    link_wake(the_link);
    turns();
}

/* The collector does not run where memory is not short: what it would find is a leak. */
static void nothing_is_left_for_the_collector(void) {
    start(0);
    for (int i = 0; i < 20; i++)
        come_and_go();
    size_t used = engine_memory_used();
    JS_RunGC(engine.runtime);
    CHECK(engine_memory_used() == used);
    if (engine_memory_used() != used)
        printf("# %zu bytes of garbage\n", used - engine_memory_used());
    the_link = pipe_open(&far_end);
    link_connected(the_link);
    stop();
}

static void an_exception_names_its_typescript_line(void) {
    start(0);
    /* The host's log gets a stack as the engine writes it. */
    int found = 0;
    for (int line = 1000; line < 1020; line++) {
        char text[64], place[32];
        snprintf(place, sizeof(place), "xenstored.js:%d", line);
        snprintf(text, sizeof(text), "at turn (%s:5)", place);
        fake_log[0] = 0;
        report_text(text, strlen(text));
        /* A line of nothing but a brace is nobody's. */
        if (strstr(fake_log, place))
            continue;
        found++;
        CHECK(strstr(fake_log, "src/") && strstr(fake_log, ".ts:"));
    }
    CHECK(found >= 10);
    stop();
}

int main(void) {
    RUN(serves);
    RUN(a_program_of_a_snapshot_serves);
    RUN(a_program_of_a_snapshot_ends);
    RUN(no_text_becomes_code);
    RUN(stacks_end_in_an_exception);
    RUN(builtins_need_no_memory);
    RUN(wrong_arguments_end_the_program);
    RUN(nothing_is_left_for_the_collector);
    RUN(an_exception_names_its_typescript_line);
    return VERDICT;
}
