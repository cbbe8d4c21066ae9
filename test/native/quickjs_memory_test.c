/*
 * What QuickJS does when an allocation fails: the faults of its source that
 * engine/changes/memory-faults.mjs mends, each shown with nothing but its public functions. `make
 * quickjs-faults` runs the same on the source as it comes (engine/README.md).
 */
#include "check.h"
#include <limits.h>
#include <malloc.h>
#include <quickjs.h>
#include <stdlib.h>
#include <string.h>

/* More allocations than any of the functions below makes. */
#define ALLOCATIONS_MOST 200
/* Of ECMAScript 2023: functions and constants. */
#define MATH_PROPERTIES "43"
/* All that follow, as when memory has ended. */
#define EACH LONG_MAX

static long succeed = -1; /* so many, and then `fail` of them do not; negative: all do */
static long fail;

static bool fails(void) {
    if (succeed < 0)
        return false;
    if (succeed > 0) {
        succeed--;
        return false;
    }
    if (fail == 0)
        return false;
    fail--;
    return true;
}

static long blocks; /* that the engine has */

static void *allocate(JSMallocState *state, size_t size) {
    (void)state;
    void *block = fails() ? NULL : malloc(size);
    blocks += block != NULL;
    return block;
}

static void release(JSMallocState *state, void *block) {
    (void)state;
    blocks -= block != NULL;
    free(block);
}

static void *resize(JSMallocState *state, void *block, size_t size) {
    if (!block)
        return size > 0 ? allocate(state, size) : NULL;
    if (size > 0)
        return fails() ? NULL : realloc(block, size);
    release(state, block);
    return NULL;
}

static size_t usable(const void *block) {
    return malloc_usable_size((void *)block);
}

static JSContext *context;
static JSValue thrown; /* by t(), or undefined */

static JSValue evaluate(const char *text) {
    return JS_Eval(context, text, strlen(text), "test", JS_EVAL_TYPE_GLOBAL);
}

/* Whether an expression is true when there is memory again. */
static bool is_true(const char *text) {
    JSValue value = evaluate(text);
    bool is = JS_ToBool(context, value) == 1;
    JS_FreeValue(context, value);
    return is;
}

/*
 * Calls the t() of `program` in a fresh engine, again and again: first its first allocation fails
 * and `width - 1` behind it, then its second, until none fails. `holds` looks each time, when there
 * is memory again; it says how many times it did not like what it saw.
 */
static unsigned fail_each(const char *program, long width, bool (*holds)(void)) {
    static const JSMallocFunctions functions = {allocate, release, resize, usable};
    unsigned wrong = 0;
    bool all = false;
    for (long first = 0; !all && first < ALLOCATIONS_MOST; first++) {
        JSRuntime *runtime = JS_NewRuntime2(&functions, NULL);
        context = JS_NewContext(runtime);
        JS_FreeValue(context, evaluate(program));
        JSValue global = JS_GetGlobalObject(context), t = JS_GetPropertyStr(context, global, "t");
        succeed = first;
        fail = width;
        JSValue result = JS_Call(context, t, JS_UNDEFINED, 0, NULL);
        all = fail == width;
        succeed = -1;
        thrown = JS_IsException(result) ? JS_GetException(context) : JS_UNDEFINED;
        wrong += !holds();
        JS_FreeValue(context, thrown);
        JS_FreeValue(context, result);
        JS_FreeValue(context, t);
        JS_FreeValue(context, global);
        JS_FreeContext(context);
        JS_FreeRuntime(runtime);
        wrong += blocks != 0;
        blocks = 0;
    }
    CHECK(all);
    return wrong;
}

static bool counts_agree(void) {
    return is_true("a.length === pushed");
}

static void an_array_is_as_long_as_what_it_holds(void) {
    const char *program = "const a = [1, 2, 3, 4]; let pushed = 4;"
                          "function t() { for (let i = 0; i < 20; i++) { a.push(7); pushed++ } }";
    CHECK(fail_each(program, 1, counts_agree) == 0);
}

static bool both_are_functions(void) {
    return is_true("typeof ''.padEnd === 'function' && typeof [].at === 'function'");
}

static void a_builtin_is_there_when_memory_is(void) {
    CHECK(fail_each("function t() { return ''.padEnd(3) + [].at(0) }", 1, both_are_functions) == 0);
}

/* Whoever asks for a property that is not there gets undefined; one without a name keeps the
 * context for ever. */
static bool math_is_whole(void) {
    return is_true("Object.getOwnPropertyNames(Math).every(name => Math[name] !== undefined) &&"
                   "typeof Math.cos === 'function' && typeof Math.round === 'function' &&"
                   "Object.getOwnPropertyNames(Math).length === " MATH_PROPERTIES);
}

static void an_object_has_all_its_properties(void) {
    CHECK(fail_each("function t() { return Math.round(1.5) }", 1, math_is_whole) == 0);
    CHECK(fail_each("function t() { return Math.round(1.5) }", 2, math_is_whole) == 0);
}

/* The address sanitizer sees what was let go of too early. */
static bool has_been_read(void) {
    JSValue stack = JS_IsObject(thrown) ? JS_GetPropertyStr(context, thrown, "stack") : JS_NULL;
    bool is = !JS_IsException(stack);
    JS_FreeValue(context, stack);
    return is;
}

static void no_property_is_an_exception(void) {
    const char *program = "function g() { throw new Error('x') } function t() { g() }";
    CHECK(fail_each(program, 1, has_been_read) == 0);
}

static void an_error_outlives_its_backtrace(void) {
    CHECK(fail_each("function t() { null.x }", 1, has_been_read) == 0);
    CHECK(fail_each("function t() { null.x }", 2, has_been_read) == 0);
}

/* Thrown by C, which asks for the backtrace itself. */
static void an_error_that_cannot_be_made_ends(void) {
    CHECK(fail_each("function t() { 'x'.repeat(-1) }", EACH, has_been_read) == 0);
}

static bool nothing(void) {
    return true;
}

/* An object that stays ends the process when the engine does; fail_each() counts what else stays.
 */
static void json_keeps_nothing(void) {
    CHECK(fail_each("const x = { a: [[1], [2.5, 'three']], b: { c: 'd' } };"
                    "function t() { return JSON.stringify(x) }",
                    1, nothing) == 0);
}

/* An array that another one makes: of its own kind, by way of the constructor. */
static void an_array_is_made_whole_or_not_at_all(void) {
    const char *program =
        "const a = [1, 2, 3];"
        "function t() { return a.slice(1).concat(a.filter(x => x > 1).map(String)) }";
    CHECK(fail_each(program, 1, nothing) == 0);
    CHECK(fail_each(program, EACH, nothing) == 0);
}

/* All of them, or the one that is named: on an engine that is not mended some end the process. */
int main(int count, char **names) {
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
        {"an_array_is_as_long_as_what_it_holds", an_array_is_as_long_as_what_it_holds},
        {"a_builtin_is_there_when_memory_is", a_builtin_is_there_when_memory_is},
        {"an_object_has_all_its_properties", an_object_has_all_its_properties},
        {"no_property_is_an_exception", no_property_is_an_exception},
        {"an_error_outlives_its_backtrace", an_error_outlives_its_backtrace},
        {"an_error_that_cannot_be_made_ends", an_error_that_cannot_be_made_ends},
        {"json_keeps_nothing", json_keeps_nothing},
        {"an_array_is_made_whole_or_not_at_all", an_array_is_made_whole_or_not_at_all},
    };
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        if (count < 2 || strcmp(names[1], tests[i].name) == 0)
            RUN_NAMED(tests[i].test, tests[i].name);
    return VERDICT;
}
