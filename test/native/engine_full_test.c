/*
 * The whole program in its engine, when memory is full: by what the store has, at the start, and by
 * what is evaluated.
 */
#include "../../stubdom/engine/boot.h"
#include "../../stubdom/engine/fault.h"
#include "../../stubdom/engine/memory.h"
#include "check.h"
#include "engine_driver.h"
#include "fake_platform.h"
#include <string.h>

static void a_full_store_can_be_read_and_emptied(void) {
    char path[64], value[512];
    int written = 0, again = 0;
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';

    start(3 * 1024 * 1024);
    for (;; written++) {
        snprintf(path, sizeof(path), "/t/%d/%d", written / 100, written);
        if (!write_node(path, value) || !is_ok())
            break;
        CHECK(written < 100000);
    }
    CHECK(is_out_of_memory());
    CHECK(written > 1000);
    CHECK(missing(path));
    /* It goes on refusing, and reading. */
    for (int i = 0; i < 100; i++) {
        write_node(path, value);
        CHECK(is_out_of_memory());
        CHECK(reads("/t/0/0", value));
    }
    CHECK(request(XS_DIRECTORY, "/t/0") && is_ok());
    for (int i = written / 100; i >= 0; i--) {
        snprintf(path, sizeof(path), "/t/%d", i);
        CHECK(request(XS_RM, path) && is_ok());
    }
    for (; again < written * 9 / 10; again++) {
        snprintf(path, sizeof(path), "/u/%d/%d", again / 100, again);
        if (!write_node(path, value) || !is_ok())
            break;
    }
    CHECK(again == written * 9 / 10);
    stop();
}

/* However full it is, there is room for the program that takes over, and for all that was kept. */
static void fill_and_fail(const char *value) {
    char path[64];
    int written = 0;
    start(3 * 1024 * 1024);
    for (;; written++) {
        snprintf(path, sizeof(path), "/t/%d/%d", written / 100, written);
        if (!write_node(path, value) || !is_ok())
            break;
    }
    CHECK(is_out_of_memory());
    size_t journal = journal_memory(engine.journal);
    size_t used = engine_memory_used() - journal;
    for (int n = 0; n < 3; n++) {
        fault_next(FAULT_LOOK, 2);
        CHECK(reads("/t/0/0", value));
    }
    printf("# %d nodes, %zu bytes of the engine, then %zu; journal %zu (%.1f %%)\n%s", written,
           used, engine_memory_used() - journal_memory(engine.journal), journal,
           100.0 * (double)journal / (double)used,
           strstr(fake_log, "recovery") ? "" : "not failed\n");
    CHECK(strstr(fake_log, "recovery: the program serves again"));
    for (int i = 0; i < written; i++) {
        snprintf(path, sizeof(path), "/t/%d/%d", i / 100, i);
        CHECK(reads(path, value));
    }
    CHECK(request(XS_RM, "/t") && is_ok());
    CHECK(write_node("/t", value) && is_ok());
    stop();
}

static void a_full_store_survives_failures(void) {
    char value[512];
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    fill_and_fail(value);
    fill_and_fail("a value");
}

/* journal_reserve() finds so many times no room: the heap has small blocks alone. */
static int without_room;
bool __real_journal_reserve(struct journal *journal, size_t bytes);
bool __wrap_journal_reserve(struct journal *journal, size_t bytes);

bool __wrap_journal_reserve(struct journal *journal, size_t bytes) {
    if (without_room == 0)
        return __real_journal_reserve(journal, bytes);
    without_room--;
    engine_memory_lacks();
    return false;
}

/* A request that the program does not see for lack of memory makes it free some all the same. */
static void a_request_without_room_makes_others_give_way(void) {
    char path[64], value[2000];
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    start(3 * 1024 * 1024);
    CHECK(request(XS_TRANSACTION_START, "") && is_ok());
    uint32_t large = (uint32_t)atoi(answer);
    transaction = large;
    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "/t/%d", i);
        CHECK(write_node(path, value) && is_ok());
    }
    transaction = 0;
    CHECK(!engine_memory_scarce());
    without_room = 4; /* of the request, before the turn, in it, and where memory is freed */
    CHECK(write_node("/a", "x") && is_out_of_memory());
    CHECK(without_room == 0);
    CHECK(strstr(fake_log, "is given up"));
    CHECK(write_node("/a", "x") && is_ok());
    transaction = large;
    CHECK(request(XS_TRANSACTION_END, "T") && reply.type == XS_ERROR &&
          strcmp(answer, "EAGAIN") == 0);
    transaction = 0;
    stop();
}

static enum memory_holder whose;

static enum memory_holder tell_whose(int link) {
    (void)link;
    return whose;
}

/* Makes nodes until one is refused; returns how many there were room for. */
#define PER_DIRECTORY 100

static int fill(const char *below) {
    char path[64], value[256];
    int written = 0;
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    for (;; written++) {
        snprintf(path, sizeof(path), "%s/%d/%d", below, written / PER_DIRECTORY, written);
        if (!write_node(path, value) || !is_ok())
            break;
    }
    CHECK(is_out_of_memory());
    return written;
}

/* Whoever holds much is refused first, then whoever holds little, and last who is privileged. */
static void what_guests_fill_is_not_all(void) {
    start(3 * 1024 * 1024);
    engine_memory_holder = tell_whose;
    whose = MEMORY_GUEST;
    int most = fill("/t");
    whose = MEMORY_MODEST;
    int more = fill("/u");
    whose = MEMORY_PRIVILEGED;
    int last = fill("/v");
    printf("# %d nodes, then %d and %d\n", most, more, last);
    CHECK(most > 1000 && more > 100 && last > 100);
    CHECK(engine_memory_scarce());
    whose = MEMORY_GUEST;
    CHECK(write_node("/t/more", "") && is_out_of_memory());
    CHECK(request(XS_TRANSACTION_START, "") && is_out_of_memory());
    CHECK(request(XS_DIRECTORY, "/t") && is_ok());
    CHECK(request(XS_RM, "/v") && is_ok() && request(XS_RM, "/u") && is_ok());
    /* Tables have grown for those that went: a part of what is its own has to go as well. */
    char path[32];
    for (int i = 0; i < most / PER_DIRECTORY / 4; i++) {
        snprintf(path, sizeof(path), "/t/%d", i);
        CHECK(request(XS_RM, path) && is_ok());
    }
    CHECK(write_node("/t/more", "") && is_ok());
    stop();
}

#define NO_MEMORY_TO_SAY "an exception"

/* The question below, as bytecode: QuickJS's parser goes wrong where memory ends, and the store has
 * none. */
static uint8_t question[4096];
static size_t question_size;

static void prepare_question(void) {
    static const char text[] =
        "Object.getOwnPropertyNames(globalThis).sort().map(name => { const o = globalThis[name];"
        "const count = o => Object(o) === o ? Object.getOwnPropertyNames(o).length : 0;"
        "return name + count(o) + '/' + count(o?.prototype) }).join()";
    JS_AddIntrinsicEval(engine.context);
    JSValue function = JS_Eval(engine.context, text, sizeof(text) - 1, "test",
                               JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    uint8_t *bytes =
        JS_WriteObject(engine.context, &question_size, function, JS_WRITE_OBJ_BYTECODE);
    CHECK(bytes && question_size <= sizeof(question));
    memcpy(question, bytes, question_size);
    js_free(engine.context, bytes);
    JS_FreeValue(engine.context, function);
}

/* Every property of what the language brings, in words. */
static const char *language(void) {
    static char said[4096];
    JSValue function = JS_ReadObject(engine.context, question, question_size, JS_READ_OBJ_BYTECODE);
    JSValue result =
        JS_IsException(function) ? function : JS_EvalFunction(engine.context, function);
    const char *words = JS_ToCString(engine.context, result);
    snprintf(said, sizeof(said), "%s", words ? words : NO_MEMORY_TO_SAY);
    JS_FreeCString(engine.context, words);
    JS_FreeValue(engine.context, result);
    return said;
}

#define START_FROM (700 * 1024)
#define START_STEP (7 * 1024)

/* Whatever memory there is: it starts with all of the language, or says that it cannot. */
static void it_starts_whole_or_not_at_all(void) {
    static char *none[] = {NULL};
    char whole[4096];
    unsigned refused = 0, started = 0;
    start(0);
    prepare_question();
    stop();
    start(0);
    snprintf(whole, sizeof(whole), "%s", language());
    CHECK(strstr(whole, "Math43/0") != NULL);
    stop();
    for (size_t limit = START_FROM; started < 5; limit += START_STEP) {
        const char *wrong =
            engine_start(embedded_program, embedded_program_end - embedded_program,
                         &(struct platform_config){
                             .priv_port = -1, .own_port = -1, .args = none, .memory_limit = limit});
        refused += wrong != NULL;
        /* What is left after the start may be too little for this question. */
        const char *words = wrong ? NO_MEMORY_TO_SAY : language();
        bool said = strcmp(words, NO_MEMORY_TO_SAY) != 0;
        CHECK(!said || strcmp(words, whole) == 0);
        started += said;
        engine_stop();
    }
    printf("# %u starts found too little memory\n", refused);
    CHECK(refused > 20);
}

static bool tells_of_memory(JSValueConst exception) {
    const char *said = JS_ToCString(engine.context, exception);
    bool is = said && strstr(said, "out of memory");
    JS_FreeCString(engine.context, said);
    return is;
}

static void an_endless_allocation_ends_in_an_exception(void) {
    start_with_parser(4 * 1024 * 1024);
    CHECK(write_node("/t/a", "one") && is_ok());
    for (int i = 0; i < 20; i++) {
        engine_memory_request(XS_WRITE, 0, -1);
        JSValue result = JS_Eval(engine.context, "{ const l = []; for (;;) l.push({ x: [l] }) }",
                                 43, "test", JS_EVAL_TYPE_GLOBAL);
        CHECK(JS_IsException(result));
        JSValue exception = JS_GetException(engine.context);
        /* Memory ended, and not for lack of a parser: the error may be null where it found no room
         * itself. */
        CHECK(JS_IsNull(exception) || tells_of_memory(exception));
        JS_FreeValue(engine.context, exception);
        JS_RunGC(engine.runtime);
        CHECK(reads("/t/a", "one"));
    }
    stop();
}

int main(void) {
    RUN(a_full_store_can_be_read_and_emptied);
    RUN(a_request_without_room_makes_others_give_way);
    RUN(what_guests_fill_is_not_all);
    RUN(it_starts_whole_or_not_at_all);
    RUN(a_full_store_survives_failures);
    RUN(an_endless_allocation_ends_in_an_exception);
    return VERDICT;
}
