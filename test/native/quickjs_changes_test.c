/*
 * What this project's changes of QuickJS do (engine/changes), besides the faults at the end of
 * memory (quickjs_memory_test.c): each test fails without its change.
 */
#include "check.h"
#include "engine/quickjs_ext.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static JSRuntime *runtime;
static JSContext *context;
static size_t allocated; /* bytes that the engine has */

static void *allocate(JSMallocState *state, size_t size) {
    (void)state;
    void *block = malloc(size);
    allocated += block ? malloc_usable_size(block) : 0;
    return block;
}

static void release(JSMallocState *state, void *block) {
    (void)state;
    allocated -= block ? malloc_usable_size(block) : 0;
    free(block);
}

static void *resize(JSMallocState *state, void *block, size_t size) {
    (void)state;
    allocated -= block ? malloc_usable_size(block) : 0;
    void *other = realloc(block, size);
    allocated += other ? malloc_usable_size(other) : 0;
    return other;
}

static size_t usable(const void *block) {
    return malloc_usable_size((void *)block);
}

static void start(void) {
    static const JSMallocFunctions functions = {allocate, release, resize, usable};
    engine_interrupt_budget = 1 << 30;
    runtime = JS_NewRuntime2(&functions, NULL);
    JS_SetGCThreshold(runtime, (size_t)-1);
    context = JS_NewContext(runtime);
}

static void stop(void) {
    JS_FreeContext(context);
    JS_FreeRuntime(runtime);
    CHECK(allocated == 0);
}

/* The number that a text comes to; -1: it threw. */
static double value_of(const char *text) {
    double number = -1;
    JSValue value = JS_Eval(context, text, strlen(text), "test", JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(value))
        JS_FreeValue(context, JS_GetException(context));
    else
        JS_ToFloat64(context, &number, value);
    JS_FreeValue(context, value);
    return number;
}

static int asked;

static int ask(JSRuntime *of, void *opaque) {
    (void)of, (void)opaque;
    asked++;
    return 1;
}

/* The host says how many turns of a loop may pass before it is asked, to the very one. */
static void the_budget_is_the_hosts(void) {
    start();
    JS_SetInterruptHandler(runtime, ask, NULL);
    asked = 0;
    CHECK(value_of("let n = 0; for (let i = 0; i < 100000; i++) n++; n") == 100000);
    CHECK(asked == 0);
    engine_interrupt_budget = 500;
    CHECK(value_of("globalThis.m = 0; for (;;) m++") == -1);
    CHECK(asked == 1);
    engine_interrupt_budget = 1 << 30;
    double turns = value_of("m");
    CHECK(turns > 450 && turns <= 500);
    stop();
}

/* A large array has a quarter at most that is not used; QuickJS lets it be a half. */
static void large_tables_grow_by_a_quarter(void) {
    start();
    value_of("globalThis.a = []; for (let i = 0; i < 100; i++) a.push(i)");
    size_t before = allocated, most = 0;
    for (int n = 200; n < 60000; n += 100) {
        value_of("for (let i = 0; i < 100; i++) a.push(i)");
        size_t unused = allocated - before - (size_t)n * sizeof(JSValue);
        if (n > 20000 && allocated > before && unused < 1 << 30 &&
            100 * unused / ((size_t)n * sizeof(JSValue)) > most)
            most = 100 * unused / ((size_t)n * sizeof(JSValue));
    }
    CHECK(most > 5 && most <= 27);
    stop();
}

static uint8_t *bytecode_of(const char *text, size_t *length) {
    JSValue code = JS_Eval(context, text, strlen(text), "test",
                           JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    uint8_t *bytes = JS_WriteObject(context, length, code, JS_WRITE_OBJ_BYTECODE);
    JS_FreeValue(context, code);
    return bytes;
}

/* Neither of variables nor of what a closure takes of them, but of properties. */
static void bytecode_has_no_names_of_variables(void) {
    const char *text = "(function () { let inTheFunction = { property: 1 };"
                       "return () => inTheFunction.property; })()";
    size_t length, longer;
    start();
    JS_SetStripInfo(runtime, JS_STRIP_SOURCE);
    uint8_t *bytes = bytecode_of(text, &length);
    CHECK(memmem(bytes, length, "property", 8) && !memmem(bytes, length, "inTheFunction", 13));
    engine_writes_debug = true;
    uint8_t *named = bytecode_of(text, &longer);
    engine_writes_debug = false;
    CHECK(longer > length && memmem(named, longer, "inTheFunction", 13));
    js_free(context, bytes);
    js_free(context, named);
    stop();
}

/* Where an exception comes from: its line, and no column. */
static void bytecode_has_no_columns(void) {
    const char *text = "let n = 1;\n\n   throw new Error(n + 1)";
    size_t length;
    for (int i = 0; i < 2; i++) {
        start();
        engine_writes_debug = i == 1;
        uint8_t *bytes = bytecode_of(text, &length);
        JSValue code = JS_ReadObject(context, bytes, length, JS_READ_OBJ_BYTECODE);
        JS_FreeValue(context, JS_EvalFunction(context, code));
        JSValue error = JS_GetException(context);
        JSValue stack = JS_GetPropertyStr(context, error, "stack");
        const char *where = JS_ToCString(context, stack);
        CHECK(where && strstr(where, i ? "test:3:19" : "test:3:1)"));
        JS_FreeCString(context, where);
        JS_FreeValue(context, stack);
        JS_FreeValue(context, error);
        js_free(context, bytes);
        stop();
    }
    engine_writes_debug = false;
}

static void there_are_no_classes_of_unicode(void) {
    start();
    CHECK(value_of("/a/u.test('a') + 0") == 1);
    CHECK(value_of("/\\p{L}/u.test('a') + 0") == -1);
    stop();
}

/* A variable is not asked for its value behind its declaration, though here it has none; in front
 * of it, and in a closure in front of it, it is. */
static void a_variable_behind_its_declaration_is_not_checked(void) {
    start();
    CHECK(value_of("(() => { switch (1) { case 0: let a = 5; case 1: return a === undefined ? 1 : "
                   "0; } })()") == 1);
    CHECK(value_of("(() => { const n = b; let b = 5; return n; })()") == -1);
    CHECK(value_of("(() => { const f = () => c; const n = f(); let c = 5; return n; })()") == -1);
    CHECK(value_of("(() => { const f = () => d; let d = 5; return f(); })()") == 5);
    CHECK(value_of("(() => { let n = 0; for (let i = 0; i < 3; i++) { let e = i; const f = () => "
                   "e++; f(); n += e; } return n; })()") == 6);
    stop();
}

/* Narrow, of two bytes a character though it needs one, and put together from parts. */
static void keys_are_found_by_their_characters(void) {
    start();
    CHECK(value_of("globalThis.long = 'abcdefghijk'.repeat(1000); globalThis.m = new Map();"
                   "for (let i = 0; i < 40; i++) m.set(long.slice(0, i), i); m.set(long, 40);"
                   "m.set('\\u1234' + long, 41); m.size") == 42);
    CHECK(value_of("let n = 0; for (let i = 0; i < 40; i++) "
                   "if (m.get(long.slice(0, i >> 1) + long.slice(i >> 1, i)) === i) n++; n") == 40);
    CHECK(value_of("m.get(long.slice(0, 5003) + long.slice(5003))") == 40);
    CHECK(value_of("m.get('\\u1234' + long.slice(0, 5003) + long.slice(5003))") == 41);
    CHECK(value_of("m.get(('\\u1234' + long).slice(1))") == 40);
    CHECK(value_of(
              "m.has('\\u1235' + long) || m.has(long + 'a') || m.has(long.slice(1)) ? 1 : 0") == 0);
    CHECK(value_of("m.get('\\u1234' + long.slice(0, 11))") != 41);
    stop();
}

static void a_map_goes_on_with_another_secret(void) {
    start();
    CHECK(value_of("globalThis.m = new Map(); globalThis.s = new Set();"
                   "for (let i = 0; i < 1000; i++) m.set('key ' + i, i), s.add('key ' + i);"
                   "m.size + s.size") == 2000);
    uint64_t before = engine_key_secret;
    engine_key_secret = 0x123456789abcdef;
    CHECK(value_of("let n = 0; for (let i = 0; i < 1000; i++) if (m.get('key ' + i) === i) n++;"
                   "n") == 1000);
    CHECK(value_of("n = 0; for (let i = 0; i < 1000; i += 2) if (s.delete('key ' + i)) n++;"
                   "n + s.size") == 1000);
    CHECK(value_of("n = 0; for (let i = 1; i < 1000; i += 2) if (s.has('key ' + i)) n++; n") ==
          500);
    engine_key_secret = before;
    stop();
}

int main(void) {
    RUN(the_budget_is_the_hosts);
    RUN(large_tables_grow_by_a_quarter);
    RUN(keys_are_found_by_their_characters);
    RUN(a_map_goes_on_with_another_secret);
    RUN(bytecode_has_no_names_of_variables);
    RUN(bytecode_has_no_columns);
    RUN(there_are_no_classes_of_unicode);
    RUN(a_variable_behind_its_declaration_is_not_checked);
    return VERDICT;
}
