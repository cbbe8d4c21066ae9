/*
 * Plays a program whose functions are translated, with its translations and without: replies,
 * exceptions, side effects and counts of references must be the same. player PROGRAM [SCRIPT...]
 * the program of programs.mjs, and programs that only must not throw With side exits at places
 * where none is needed, with a stack that ends and with allocations that fail, nothing may break.
 */
#include "../native/check.h"
#include "engine/program_file.h"
#include "engine/quickjs_ext.h"
#include "engine/translate/runtime/stress.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Calls that each case is played with: all of them, or some. */
#define ALL 1000000
#define SOME 20
#define FEW 2
/* A case that makes more allocations than this has been failed often enough. */
#define ALLOCATIONS_MOST 40

static JSRuntime *runtime;
static JSContext *ctx;
static const uint8_t *program;
static size_t program_length;
static long blocks;       /* that the engine has */
static long succeed = -1; /* so many allocations, and then none; negative: all */

static bool fails(void) {
    if (succeed < 0)
        return false;
    if (succeed > 0)
        succeed--;
    return succeed == 0;
}

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

static uint8_t *read_file(const char *name, size_t *length) {
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*length);
    if (!bytes || fread(bytes, 1, *length, file) != *length)
        exit(1);
    fclose(file);
    return bytes;
}

/* references(object): how many it has. Texts are shared with other code: 0. */
static JSValue references(JSContext *c, JSValueConst self, int argc, JSValueConst *argv) {
    (void)self;
    if (argc < 1 || JS_VALUE_GET_TAG(argv[0]) != JS_TAG_OBJECT)
        return JS_NewInt32(c, 0);
    return JS_NewInt32(c, ((JSRefCountHeader *)JS_VALUE_GET_PTR(argv[0]))->ref_count);
}

static JSValue nothing(JSContext *c, JSValueConst self, int argc, JSValueConst *argv) {
    (void)c, (void)self, (void)argc, (void)argv;
    return JS_UNDEFINED;
}

static JSValue collect(JSContext *c, JSValueConst self, int argc, JSValueConst *argv) {
    (void)self, (void)argc, (void)argv;
    JS_RunGC(JS_GetRuntime(c));
    return JS_UNDEFINED;
}

static void say_exception(const char *what) {
    JSValue thrown = JS_GetException(ctx);
    const char *text = JS_ToCString(ctx, thrown);
    printf("# %s: %s\n", what, text ? text : "?");
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, thrown);
}

/* Runs a program file's program. False: it threw. */
static bool load(const uint8_t *file, size_t length) {
    struct program_file opened;
    if (program_file_open(file, length, &opened)) {
        puts("# not a program file");
        return false;
    }
    JSValue code = JS_ReadObject(ctx, opened.code, opened.code_length, JS_READ_OBJ_BYTECODE);
    JSValue result = JS_IsException(code) ? code : JS_EvalFunction(ctx, code);
    bool good = !JS_IsException(result);
    JS_FreeValue(ctx, result);
    return good;
}

static void make_runtime(void) {
    static const JSMallocFunctions functions = {allocate, release, resize, usable};
    runtime = JS_NewRuntime2(&functions, NULL);
    JS_SetGCThreshold(runtime, (size_t)-1);
    JS_SetMaxStackSize(runtime, 1 << 20);
    engine_interrupt_budget = 1 << 30;
    ctx = JS_NewContext(runtime);
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue console = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, console, "log", JS_NewCFunction(ctx, nothing, "log", 1));
    JS_SetPropertyStr(ctx, global, "console", console);
    JS_SetPropertyStr(ctx, global, "print", JS_NewCFunction(ctx, nothing, "print", 1));
    JSValue std = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, std, "gc", JS_NewCFunction(ctx, collect, "gc", 0));
    JS_SetPropertyStr(ctx, global, "std", std);
    JSValue os = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, os, "setTimeout", JS_NewCFunction(ctx, nothing, "setTimeout", 2));
    JS_SetPropertyStr(ctx, global, "os", os);
    JS_SetPropertyStr(ctx, global, "references", JS_NewCFunction(ctx, references, "references", 1));
    JS_FreeValue(ctx, global);
}

static void start(bool translated) {
    engine_stressed.off = !translated;
    make_runtime();
    if (!load(program, program_length)) {
        say_exception("the program");
        exit(1);
    }
}

static void stop(void) {
    succeed = -1;
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
    CHECK(blocks == 0);
}

static JSValue call(const char *name, int argc, JSValueConst *argv) {
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue function = JS_GetPropertyStr(ctx, global, name);
    JSValue result = JS_Call(ctx, function, global, argc, argv);
    JS_FreeValue(ctx, function);
    JS_FreeValue(ctx, global);
    return result;
}

static int cases(void) {
    int count = 0;
    JS_ToInt32(ctx, &count, call("cases", 0, NULL));
    return count;
}

/* What a case came to; the caller frees it. NULL: it threw. */
static char *play(int i, int most) {
    JSValue arguments[] = {JS_NewInt32(ctx, i), JS_NewInt32(ctx, most)};
    engine_interrupt_budget = 1 << 30;
    JSValue result = call("play", 2, arguments);
    if (JS_IsException(result)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return NULL;
    }
    const char *text = JS_ToCString(ctx, result);
    char *copy = text ? strdup(text) : NULL;
    if (!text)
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, result);
    return copy;
}

/* The first line that differs, of both. */
static void show_difference(const char *expected, const char *got) {
    while (*expected && *expected == *got)
        expected++, got++;
    while (expected[-1] != '\n' && expected[-1])
        expected--, got--;
    printf("# without: %.*s\n# with:    %.*s\n", (int)strcspn(expected, "\n"), expected,
           (int)strcspn(got, "\n"), got);
}

static char **expected_all, **expected_some, **expected_few;
static int count;

static char **play_each(int most) {
    char **texts = calloc((size_t)count, sizeof(*texts));
    for (int i = 0; i < count; i++) {
        char *text = play(i, most);
        /* One more in front, for who looks for a line's begin. */
        texts[i] = calloc(1, strlen(text ? text : "threw") + 2);
        strcpy(texts[i] + 1, text ? text : "threw");
        free(text);
    }
    return texts;
}

static void must_be(char **expected, int most) {
    int wrong = 0;
    char **got = play_each(most);
    for (int i = 0; i < count; i++) {
        if (strcmp(expected[i] + 1, got[i] + 1) != 0 && wrong++ < 5)
            show_difference(expected[i] + 1, got[i] + 1);
        free(got[i]);
    }
    free(got);
    CHECK(wrong == 0);
}

/* Both kinds of translation, all that they are called with. */
static void every_operation_is_as_the_interpreter_has_it(void) {
    start(true);
    CHECK(engine_stressed.found > 400);
    must_be(expected_all, ALL);
    stop();
}

/* Left where it need not be left, a translation goes on in the interpreter. */
static void a_translation_can_be_left_anywhere(void) {
    static const unsigned every[] = {1, 2, 3, 7, 23};
    for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
        start(true);
        engine_stressed.every = every[i];
        must_be(expected_some, SOME);
        engine_stressed.every = 0;
        stop();
    }
}

/* When an allocation fails and all that follow, a case throws or is as ever, and the next one is as
 * ever. */
static void memory_can_end_anywhere(void) {
    start(true);
    for (int i = 0; i < count; i++) {
        for (long n = 1; n < ALLOCATIONS_MOST; n++) {
            succeed = n;
            free(play(i, FEW));
            bool ended = succeed == 0;
            succeed = -1;
            if (!ended)
                break;
        }
        char *text = play(i, FEW);
        CHECK(text && strcmp(text, expected_few[i] + 1) == 0);
        free(text);
    }
    stop();
}

/* The stack ends in calls of calls: an exception, wherever that is. */
static void the_stack_can_end_anywhere(void) {
    start(true);
    for (size_t size = 4096; size < 40960; size += 509) {
        JS_SetMaxStackSize(runtime, size);
        for (int i = 0; i < count; i += 17)
            free(play(i, FEW));
    }
    JS_SetMaxStackSize(runtime, 1 << 20);
    must_be(expected_few, FEW);
    stop();
}

static int script_count;
static char **scripts;

/* Tests of the language that come with the engine, their functions translated, and left now and
 * then. */
static void the_language_is_as_its_tests_want(void) {
    /* They ask for columns of what they evaluate. */
    engine_writes_debug = true;
    static const unsigned every[] = {0, 1, 3, 10};
    CHECK(script_count > 0);
    for (int i = 0; i < script_count; i++) {
        size_t length;
        uint8_t *file = read_file(scripts[i], &length);
        for (size_t k = 0; k <= sizeof(every) / sizeof(every[0]); k++) {
            engine_stressed.off = k == 0;
            engine_stressed.every = k == 0 ? 0 : every[k - 1];
            make_runtime();
            engine_interrupt_budget = 1 << 30;
            bool good = load(file, length);
            CHECK(good);
            if (!good)
                say_exception(scripts[i]);
            engine_stressed.every = 0;
            JS_RunGC(runtime);
            stop();
        }
        free(file);
    }
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 2;
    program = read_file(argv[1], &program_length);
    scripts = argv + 2;
    script_count = argc - 2;
    start(false);
    count = cases();
    expected_all = play_each(ALL);
    expected_some = play_each(SOME);
    expected_few = play_each(FEW);
    stop();
    printf("# %d functions\n", count);
    RUN(every_operation_is_as_the_interpreter_has_it);
    RUN(a_translation_can_be_left_anywhere);
    RUN(memory_can_end_anywhere);
    RUN(the_stack_can_end_anywhere);
    RUN(the_language_is_as_its_tests_want);
    return VERDICT;
}
