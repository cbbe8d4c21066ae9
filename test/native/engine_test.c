/*
 * The whole program in its engine, over a link in the test's hand: what happens
 * when memory ends, at every allocation and for good, and when a stack does.
 */
#include "../../stubdom/bindings/host.h"
#include "../../stubdom/engine/boot.h"
#include "../../stubdom/engine/turn.h"
#include "../../stubdom/engine/memory.h"
#include "engine/translate/runtime/stress.h"
#include "../../stubdom/engine/fault.h"
#include "../../stubdom/linux/heap_snapshot.h"
#include "../../stubdom/engine/report.h"
#include "check.h"
#include "fake_platform.h"
#include "pipe_link.h"
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

extern const uint8_t embedded_program[], embedded_program_end[];

static struct pipe_end end;
static int the_link;
static struct header reply;
static char answer[PAYLOAD_MAX + 1];
static uint32_t transaction;

static void start(size_t memory_limit) {
    static char *none[] = {NULL};
    struct platform_config config = {
        .priv_port = -1, .own_port = -1, .args = none, .memory_limit = memory_limit};
    config.snapshot = heap_snapshot_program();
    fake_log[0] = '\0';
    transaction = 0;
    const char *wrong =
        engine_start(embedded_program, embedded_program_end - embedded_program, &config);
    if (wrong) {
        printf("# %s\n%s", wrong, fake_log);
        exit(1);
    }
    the_link = pipe_open(&end);
    link_connected(the_link);
}

static void stop(void) {
    engine_memory_fail_at(0);
    link_close(the_link);
    engine_stop();
}

/* The program has a turn, also where there are messages alone. */
static bool always_a_turn;

static void turns(void) {
    for (int i = 0; i < 50; i++) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        if (always_a_turn)
            engine.header[HEADER_DEFERRED_WORK] = 1;
        long delay = engine_turn(events);
        link_flush();
        if (delay != 0 && !link_has_events())
            return;
    }
}

static void send_bytes(uint32_t type, const char *payload, uint32_t length) {
    struct header header = {
        .type = type, .request_id = 42, .transaction_id = transaction, .length = length};
    memcpy(end.to_server + end.to_length, &header, sizeof(header));
    memcpy(end.to_server + end.to_length + sizeof(header), payload, length);
    end.to_length += sizeof(header) + length;
    link_wake(the_link);
    turns();
}

/* One request and its reply; watch events before it are dropped. False: no reply came. */
static bool request_bytes(uint32_t type, const char *payload, uint32_t length) {
    send_bytes(type, payload, length);
    while (pipe_receive(&end, &reply, answer))
        if (reply.type != XS_WATCH_EVENT)
            return true;
    return false;
}

static bool request(uint32_t type, const char *path) {
    return request_bytes(type, path, strlen(path) + 1);
}

static bool write_node(const char *path, const char *value) {
    char payload[PAYLOAD_MAX];
    size_t length = strlen(path) + 1;
    memcpy(payload, path, length);
    memcpy(payload + length, value, strlen(value));
    return request_bytes(XS_WRITE, payload, length + strlen(value));
}

static bool is_ok(void) {
    return reply.type != XS_ERROR;
}

static bool is_out_of_memory(void) {
    return reply.type == XS_ERROR && strcmp(answer, "ENOMEM") == 0;
}

static bool reads(const char *path, const char *value) {
    return request(XS_READ, path) && is_ok() && strcmp(answer, value) == 0;
}

static bool missing(const char *path) {
    return request(XS_READ, path) && reply.type == XS_ERROR && strcmp(answer, "ENOENT") == 0;
}

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

/* Does `act` with each of its allocations failing in turn; `undone` says that a refusal changed
 * nothing. */
static void fail_each(void (*prepare)(void), bool (*act)(void), bool (*undone)(void),
                      bool (*done)(void)) {
    unsigned refused = 0;
    for (unsigned n = 1; n <= 200; n++) {
        start(0);
        prepare();
        engine_memory_fail_at(n);
        bool replied = act();
        engine_memory_fail_at(0);
        CHECK(replied);
        if (!replied)
            printf("# no reply when allocation %u fails\n%s", n, fake_log);
        if (is_ok()) {
            CHECK(done());
            stop();
            /* The failure came after the reply, or not at all: there are no more to come. */
            if (n > 100)
                break;
            continue;
        }
        refused++;
        CHECK(is_out_of_memory());
        if (!is_out_of_memory())
            printf("# %s, allocation %u\n%s", answer, n, fake_log);
        CHECK(undone());
        CHECK(act() && is_ok() && done());
        stop();
    }
    CHECK(refused > 0);
}

static void no_preparation(void) {
    CHECK(missing("/t"));
}

static bool act_write_new(void) {
    return write_node("/t/deep/er/node", "value");
}
static bool undone_write_new(void) {
    return missing("/t") && missing("/t/deep/er/node");
}
static bool done_write_new(void) {
    return reads("/t/deep/er/node", "value") && reads("/t/deep", "");
}
static void a_new_node_is_there_or_not(void) {
    fail_each(no_preparation, act_write_new, undone_write_new, done_write_new);
}

static void prepare_value(void) {
    write_node("/t/x", "old");
    request_bytes(XS_WATCH, "/t\0token\0", 9);
}
static bool act_overwrite(void) {
    return write_node("/t/x", "new and longer than before");
}
static bool undone_overwrite(void) {
    return reads("/t/x", "old");
}
static bool done_overwrite(void) {
    return reads("/t/x", "new and longer than before");
}
static void a_value_is_the_old_or_the_new(void) {
    fail_each(prepare_value, act_overwrite, undone_overwrite, done_overwrite);
}

static void prepare_tree(void) {
    char path[64];
    for (int i = 0; i < 10; i++) {
        snprintf(path, sizeof(path), "/t/d%d/leaf", i);
        write_node(path, "v");
    }
    request_bytes(XS_WATCH, "/t/d3\0token\0", 12);
}
static bool act_remove(void) {
    return request(XS_RM, "/t");
}
static bool undone_remove(void) {
    return reads("/t/d0/leaf", "v") && reads("/t/d9/leaf", "v");
}
static bool done_remove(void) {
    return missing("/t") && missing("/t/d0/leaf") && missing("/t/d9/leaf");
}
static void a_tree_is_removed_or_not(void) {
    fail_each(prepare_tree, act_remove, undone_remove, done_remove);
}

static bool act_permissions(void) {
    return request_bytes(XS_SET_PERMS, "/t/x\0n0\0r5\0w6\0", 14);
}
static bool undone_permissions(void) {
    return request(XS_GET_PERMS, "/t/x") && is_ok() && reply.length == 3;
}
static bool done_permissions(void) {
    return request(XS_GET_PERMS, "/t/x") && is_ok() && reply.length == 9;
}
static void permissions_are_the_old_or_the_new(void) {
    fail_each(prepare_value, act_permissions, undone_permissions, done_permissions);
}

static bool act_watch(void) {
    return request_bytes(XS_WATCH, "/t/x\0another\0", 13);
}
static bool undone_watch(void) {
    return request_bytes(XS_UNWATCH, "/t/x\0another\0", 13) && strcmp(answer, "ENOENT") == 0;
}
static bool done_watch(void) {
    return request_bytes(XS_WATCH, "/t/x\0another\0", 13) && strcmp(answer, "EEXIST") == 0;
}
static void a_watch_is_set_or_not(void) {
    fail_each(prepare_value, act_watch, undone_watch, done_watch);
}

static uint32_t begun;
static void prepare_transaction(void) {
    write_node("/t/x", "old");
    request(XS_TRANSACTION_START, "");
    begun = transaction = atoi(answer);
    write_node("/t/x", "in it");
    write_node("/t/new/node", "in it");
    transaction = 0;
}
static bool act_commit(void) {
    transaction = begun;
    bool replied = request(XS_TRANSACTION_END, "T");
    transaction = 0;
    return replied;
}
static bool done_commit(void) {
    return reads("/t/x", "in it") && reads("/t/new/node", "in it");
}
static void a_commit_is_whole_or_nothing(void) {
    unsigned refused = 0;
    for (unsigned n = 1; n <= 200; n++) {
        start(0);
        prepare_transaction();
        engine_memory_fail_at(n);
        CHECK(act_commit());
        engine_memory_fail_at(0);
        if (is_ok()) {
            CHECK(done_commit());
        } else {
            refused++;
            CHECK(is_out_of_memory());
            CHECK(reads("/t/x", "old") && missing("/t/new"));
        }
        stop();
    }
    CHECK(refused > 0);
}

/* A commit whose events are too many for one go: whichever allocation fails, the client hears each
 * event once and then OK, or no event and ENOMEM. */
#define FAN_NODES 40
#define FAN_WATCHES 40
/* Each of so many fails in turn, and each of the last ones, which are where the events are handed
 * over. */
#define FAN_STEP 23
#define FAN_LAST 60
static unsigned fan_told[FAN_NODES][FAN_WATCHES];
static unsigned fan_replies;

static void fan_turns(void) {
    static char payload[PAYLOAD_MAX + 1];
    struct header header;
    unsigned node;
    for (int i = 0; i < 300; i++) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        long delay = engine_turn(events);
        link_flush();
        while (pipe_receive(&end, &header, payload)) {
            if (header.type != XS_WATCH_EVENT) {
                fan_replies++;
                reply = header;
                memcpy(answer, payload, sizeof(answer));
            } else if (sscanf(payload, "/t/%u", &node) == 1 && node < FAN_NODES) {
                fan_told[node][atoi(payload + strlen(payload) + 1) % FAN_WATCHES]++;
            }
        }
        if (delay != 0 && !link_has_events())
            return;
    }
}

/* Events that were told `times` times. */
static unsigned fan_count(unsigned times) {
    unsigned count = 0;
    for (unsigned node = 0; node < FAN_NODES; node++)
        for (unsigned watch = 0; watch < FAN_WATCHES; watch++)
            count += fan_told[node][watch] == times;
    return count;
}

/* Returns how many allocations the commit made. */
static unsigned fan_commit(unsigned failing) {
    static const char end_payload[] = "T";
    char payload[64];
    start(0);
    for (unsigned i = 0; i < FAN_WATCHES; i++) {
        int length = snprintf(payload, sizeof(payload), "/t%c%u", 0, i);
        CHECK(request_bytes(XS_WATCH, payload, length + 1));
    }
    CHECK(request(XS_TRANSACTION_START, ""));
    uint32_t of = transaction = atoi(answer);
    for (unsigned i = 0; i < FAN_NODES; i++) {
        snprintf(payload, sizeof(payload), "/t/%u", i);
        CHECK(write_node(payload, "in it"));
    }
    memset(fan_told, 0, sizeof(fan_told));
    fan_replies = 0;
    struct header header = {
        .type = XS_TRANSACTION_END, .request_id = 42, .transaction_id = of, .length = 2};
    transaction = 0;
    memcpy(end.to_server + end.to_length, &header, sizeof(header));
    memcpy(end.to_server + end.to_length + sizeof(header), end_payload, sizeof(end_payload));
    end.to_length += sizeof(header) + sizeof(end_payload);
    link_wake(the_link);
    unsigned before = engine_memory_count.number;
    engine_memory_fail_at(failing);
    fan_turns();
    engine_memory_fail_at(0);
    unsigned made = engine_memory_count.number - before;
    bool whole = fan_replies == 1 && (is_ok() ? fan_count(1) == FAN_NODES * FAN_WATCHES
                                              : fan_count(0) == FAN_NODES * FAN_WATCHES);
    CHECK(whole);
    if (!whole)
        printf("# allocation %u: %u replies, %s, %u told once, %u never\n%s", failing, fan_replies,
               answer, fan_count(1), fan_count(0), fake_log);
    CHECK(request(XS_CONTROL, "check") && strcmp(answer, "OK") == 0);
    stop();
    return made;
}

static void a_large_commit_is_told_once_or_refused(void) {
    unsigned all = fan_commit(0);
    CHECK(all > FAN_LAST);
    for (unsigned failing = 1; failing + FAN_LAST < all; failing += FAN_STEP)
        fan_commit(failing);
    for (unsigned failing = all - FAN_LAST; failing <= all; failing++)
        fan_commit(failing);
}

/* Requests of each kind, in a store that prepare_kinds() has made. */
static const struct {
    uint32_t type;
    const char *payload;
    uint32_t length;
} kinds[] = {
    {XS_WRITE, "/k/x\0new value", 14},
    {XS_WRITE, "/k/new/deep/node\0v", 18},
    {XS_MKDIR, "/k/made", 8},
    {XS_RM, "/k/gone", 8},
    {XS_READ, "/k/x", 5},
    {XS_READ, "/k/none", 8},
    {XS_READ, "not a path+", 12},
    {XS_DIRECTORY, "/k", 3},
    {XS_DIRECTORY_PART, "/k\0000\0", 5},
    {XS_GET_PERMS, "/k/x", 5},
    {XS_SET_PERMS, "/k/x\0n1\0r2\0b3", 14},
    {XS_WATCH, "/k/x\0other", 11},
    {XS_UNWATCH, "/k\0token", 9},
    {XS_TRANSACTION_START, "", 1},
    {XS_GET_DOMAIN_PATH, "7", 2},
    {XS_CONTROL, "watches", 8},
    {XS_CONTROL, "quota", 6},
    {XS_CONTROL, "no such", 8},
    {XS_READ, "/tool/xenstored/memory/nodes", 29},
    {99, "unknown", 8},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void prepare_kinds(void) {
    static const char *const paths[] = {"/k/x", "/k/gone/a", "/k/gone/b"};
    request(XS_RM, "/k");
    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        CHECK(write_node(paths[i], "a value") && is_ok());
    CHECK(request_bytes(XS_WATCH, "/k\0token", 9));
    CHECK(request_bytes(XS_UNWATCH, "/k/x\0other", 11));
}

/* Whatever fails, the request is answered once, and the store is sound and goes on. */
static void fail_kind(unsigned kind) {
    CHECK(request_bytes(kinds[kind].type, kinds[kind].payload, kinds[kind].length));
    engine_memory_fail_random(0, 0);
    bool began = kinds[kind].type == XS_TRANSACTION_START && is_ok();
    transaction = began ? strtoul(answer, NULL, 10) : 0;
    if (began)
        CHECK(request(XS_TRANSACTION_END, "F") && is_ok());
    transaction = 0;
    CHECK(request(XS_CONTROL, "check") && strcmp(answer, "OK") == 0);
}

static void pairs_of_allocations_fail(void) {
    start(0);
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned first = 1; first <= 24; first++)
            for (unsigned then = 1; then <= 8; then++) {
                prepare_kinds();
                engine_memory_fail_pair(first, then);
                fail_kind(kind);
            }
    stop();
}

static void random_sets_of_allocations_fail(void) {
    start(0);
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (uint64_t seed = 1; seed <= 120; seed++) {
            prepare_kinds();
            engine_memory_fail_random(seed * 0x9e3779b97f4a7c15, 2 + seed % 12);
            fail_kind(kind);
        }
    stop();
}

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

/* The product has no parser; what follows wants one. */
static void start_with_parser(size_t limit) {
    start(limit);
    JS_AddIntrinsicEval(engine.context);
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

#define NO_MEMORY_TO_SAY "an exception"

/* The question below, as bytecode: QuickJS's parser goes wrong where memory ends, and the store has
 * none. */
static uint8_t question[4096];
static size_t question_size;

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

static unsigned replies, events;

/* As request_bytes, counting what comes. */
static void count_request(uint32_t type, const char *payload, uint32_t length) {
    struct header header = {
        .type = type, .request_id = 42, .transaction_id = transaction, .length = length};
    struct header got;
    char text[PAYLOAD_MAX + 1];
    replies = events = 0;
    memcpy(end.to_server + end.to_length, &header, sizeof(header));
    memcpy(end.to_server + end.to_length + sizeof(header), payload, length);
    end.to_length += sizeof(header) + length;
    link_wake(the_link);
    turns();
    while (pipe_receive(&end, &got, text)) {
        if (got.type == XS_WATCH_EVENT) {
            events++;
            continue;
        }
        replies++;
        reply = got;
        memcpy(answer, text, sizeof(text));
    }
}

/*
 * Stops the program at each place of a request in turn: it must be answered once, and done, and
 * everything else must be as it was.
 */
static void stop_at_each(enum fault_kind kind, uint32_t type, const char *payload, uint32_t length,
                         unsigned events_wanted, bool (*done)(void)) {
    unsigned failures = 0;
    for (unsigned n = 1; n <= 2000; n++) {
        start(0);
        CHECK(write_node("/t/a", "one") && write_node("/t/b/c", "two"));
        count_request(XS_WATCH, "/t\0token", 9);
        CHECK(replies == 1 && events == 1);
        unsigned before = fault_count();
        fault_next(kind, n);
        count_request(type, payload, length);
        bool failed = fault_count() != before;
        fault_next(FAULT_LOOK, 0);
        failures += failed;
        /* A failure that the program catches is told; all others are not seen. */
        CHECK(replies == 1);
        if (is_ok()) {
            CHECK(events == events_wanted);
            if (events != events_wanted || replies != 1)
                printf("# %u events, %u replies, failure at %u\n%s", events, replies, n, fake_log);
            CHECK(done());
            /* And so the journal has it. */
            fault_next(FAULT_LOOK, 1);
            CHECK(request(XS_READ, "/t") && is_ok() && done());
        } else {
            CHECK(strcmp(answer, "EIO") == 0 && events == 0 && kind == FAULT_CALL);
        }
        CHECK(reads("/t/b/c", "two") || type == XS_RM);
        CHECK(request(XS_CONTROL, "check") && is_ok());
        /* Its watch is still there. */
        count_request(XS_WRITE, "/t/z\0z", 6);
        CHECK(replies == 1 && events == 1);
        stop();
        if (!failed)
            break;
    }
    printf("# %u failures\n", failures);
    CHECK(failures > 1);
}

static bool a_is_three(void) {
    return reads("/t/a", "three");
}

static bool new_is_there(void) {
    return reads("/t/new/one", "1");
}

static bool b_is_gone(void) {
    return missing("/t/b") && missing("/t/b/c");
}

static bool mode_is_set(void) {
    return request(XS_GET_PERMS, "/t/a") && is_ok() && strcmp(answer, "n5") == 0;
}

static void a_failure_anywhere_is_not_seen(void) {
    for (enum fault_kind kind = FAULT_CALL; kind <= FAULT_LOOK; kind++) {
        stop_at_each(kind, XS_WRITE, "/t/a\0three", 10, 1, a_is_three);
        stop_at_each(kind, XS_WRITE,
                     "/t/new/one\0"
                     "1",
                     12, 1, new_is_there);
        stop_at_each(kind, XS_RM, "/t/b", 5, 1, b_is_gone);
        stop_at_each(kind, XS_SET_PERMS, "/t/a\0n5", 8, 1, mode_is_set);
    }
}

static void what_fails_twice_is_refused(void) {
    start(0);
    CHECK(write_node("/t/a", "one") && is_ok());
    fault_every(1);
    count_request(XS_READ, "/t/a", 5);
    fault_every(0);
    CHECK(replies == 1);
    CHECK(reads("/t/a", "one"));
    stop();
}

static void transactions_of_before_end_with_eagain(void) {
    start(0);
    CHECK(write_node("/t/a", "one") && request(XS_TRANSACTION_START, "") && is_ok());
    uint32_t open = strtoul(answer, NULL, 10);
    transaction = open;
    CHECK(write_node("/t/a", "two") && is_ok());
    transaction = 0;
    fault_next(FAULT_LOOK, 1);
    CHECK(reads("/t/a", "one"));
    CHECK(strstr(fake_log, "recovery"));
    transaction = open;
    CHECK(request(XS_READ, "/t/a") && reply.type == XS_ERROR && strcmp(answer, "EAGAIN") == 0);
    CHECK(request(XS_TRANSACTION_END, "T") && strcmp(answer, "EAGAIN") == 0);
    CHECK(request(XS_TRANSACTION_END, "F") && is_ok());
    transaction = 0;
    CHECK(reads("/t/a", "one"));
    CHECK(request(XS_TRANSACTION_START, "") && is_ok());
    transaction = strtoul(answer, NULL, 10);
    CHECK(transaction != open && write_node("/t/a", "two") && is_ok());
    CHECK(request(XS_TRANSACTION_END, "T") && is_ok());
    transaction = 0;
    CHECK(reads("/t/a", "two"));
    stop();
}

/* A client with a watch, an open transaction, and replies that it does not read, goes away. */
static void come_and_go(void) {
    char value[1024];
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    the_link = pipe_open(&end);
    link_connected(the_link);
    CHECK(write_node("/t/a", value) && is_ok());
    CHECK(request_bytes(XS_WATCH, "/t\0token", 9) && is_ok());
    CHECK(request(XS_TRANSACTION_START, "") && is_ok());
    transaction = strtoul(answer, NULL, 10);
    CHECK(write_node("/t/b", value) && is_ok());
    transaction = 0;
    end.room = 0;
    for (int i = 0; i < 30; i++)
        request(XS_READ, "/t/a");
    CHECK(link_is_open(the_link));
    end.next_result = -LINK_COMM;
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
    the_link = pipe_open(&end);
    link_connected(the_link);
    stop();
}

static char transcript[65536];

/* A request, and all that comes of it, into the transcript. */
static void note(uint32_t type, const char *payload, uint32_t length) {
    size_t at = strlen(transcript);
    send_bytes(type, payload, length);
    while (pipe_receive(&end, &reply, answer)) {
        for (uint32_t i = 0; i < reply.length; i++)
            if (!answer[i])
                answer[i] = '|';
        at += snprintf(transcript + at, sizeof(transcript) - at, "%u %.200s\n", reply.type, answer);
    }
}

#define NOTE(type, text) note(type, text, sizeof(text) - 1)

/* Most kinds of requests, and what is refused. */
static void play_all(void) {
    transcript[0] = '\0';
    NOTE(XS_WATCH, "/p\0token\0");
    NOTE(XS_WATCH, "@releaseDomain\0token\0");
    NOTE(XS_WATCH, "/p\0token\0");
    for (int i = 0; i < 3; i++) {
        NOTE(XS_WRITE, "/p/a/b\0one");
        NOTE(XS_WRITE, "/p/a/b\0another value");
        NOTE(XS_WRITE, "p/a\0relative");
        NOTE(XS_READ, "/p/a/b\0");
        NOTE(XS_READ, "/p/none\0");
        NOTE(XS_READ, "/p//bad\0");
        NOTE(XS_MKDIR, "/p/d\0");
        NOTE(XS_MKDIR, "/p/d/e/f\0");
        NOTE(XS_DIRECTORY, "/p\0");
        NOTE(XS_DIRECTORY, "/p/d/e/f\0");
        NOTE(XS_SET_PERMS, "/p/a\0n0\0r1\0w2\0");
        NOTE(XS_SET_PERMS, "/p/a\0x0\0");
        NOTE(XS_GET_PERMS, "/p/a\0");
        NOTE(XS_WRITE, "/p/a/new\0inherits");
        NOTE(XS_GET_PERMS, "/p/a/new\0");
        NOTE(XS_TRANSACTION_START, "\0");
        transaction = strtoul(answer, NULL, 10);
        NOTE(XS_READ, "/p/a/b\0");
        NOTE(XS_WRITE, "/p/t/x\0in it");
        NOTE(XS_READ, "/p/t/x\0");
        NOTE(XS_DIRECTORY, "/p\0");
        NOTE(XS_RM, "/p/d\0");
        NOTE(XS_GET_PERMS, "/p/t\0");
        uint32_t inside = transaction;
        transaction = 0;
        if (i == 1)
            NOTE(XS_WRITE, "/p/a/b\0conflict");
        transaction = inside;
        if (i == 2)
            NOTE(XS_TRANSACTION_END, "F\0");
        else
            NOTE(XS_TRANSACTION_END, "T\0");
        transaction = 0;
        NOTE(XS_READ, "/p/t/x\0");
        NOTE(XS_RM, "/p/d\0");
        NOTE(XS_RM, "/p/d\0");
        NOTE(XS_UNWATCH, "/p\0other\0");
        NOTE(XS_GET_DOMAIN_PATH, "7\0");
    }
    NOTE(XS_UNWATCH, "/p\0token\0");
    NOTE(XS_RM, "/p\0");
    NOTE(XS_DIRECTORY, "/\0");
}

/* The loop of engine/turn.c, and that of the program's turns. */
static void both_loops_answer_the_same(void) {
    static char plain[sizeof(transcript)];
    start(0);
    play_all();
    strcpy(plain, transcript);
    stop();
    start(0);
    always_a_turn = true;
    play_all();
    always_a_turn = false;
    CHECK(strlen(plain) > 1000 && strcmp(plain, transcript) == 0);
    stop();
}

/* Wherever a translated function is left, the interpreter goes on as if it had done all of it. */
static void a_translation_can_be_left_anywhere(void) {
    static const unsigned every[] = {1, 2, 3, 5, 7, 11, 13, 17, 23, 29, 37, 53, 71, 97, 131, 197};
    static char expected[sizeof(transcript)];
    start(0);
    play_all();
    stop();
    CHECK(engine_stressed.known > 0 && engine_stressed.found == engine_stressed.known);
    strcpy(expected, transcript);
    CHECK(strstr(expected, "EAGAIN") && strstr(expected, "ENOENT") && strstr(expected, "EINVAL"));
    for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
        engine_stressed.every = every[i];
        start(0);
        unsigned long before = engine_stressed.chances;
        play_all();
        CHECK(engine_stressed.chances - before > 300);
        CHECK(strcmp(transcript, expected) == 0 && !strstr(fake_log, "Error"));
        if (strcmp(transcript, expected) != 0)
            printf("# each %u:\n%s\n", every[i], transcript);
        engine_stressed.every = 0;
        size_t used = engine_memory_used();
        JS_RunGC(engine.runtime);
        CHECK(engine_memory_used() == used);
        stop();
        CHECK(engine_memory_used() == 0);
    }
}

/* What is done all the time is done by translations alone, from the second time on. */
static void what_is_common_is_not_left(void) {
    static const struct {
        uint32_t type;
        const char *text;
        uint32_t length;
    } common[] = {
#define COMMON(type, text) {type, text, sizeof(text) - 1}
        COMMON(XS_WRITE, "/c/node\0value"),
        COMMON(XS_READ, "/c/node\0"),
        COMMON(XS_READ, "/c/none\0"),
        COMMON(XS_GET_PERMS, "/c/node\0"),
        COMMON(XS_WRITE, "/c/new/one\0made"),
        COMMON(XS_DIRECTORY, "/c\0"),
        COMMON(XS_RM, "/c/new\0"),
        COMMON(XS_SET_PERMS, "/c/node\0n0\0r1\0"),
        COMMON(XS_WATCH, "/c/node\0token\0"),
        COMMON(XS_WRITE, "/c/node\0fires"),
        COMMON(XS_UNWATCH, "/c/node\0token\0"),
#undef COMMON
    };
    start(0);
    for (int i = 0; i < 20; i++) {
        unsigned long before = engine_stressed.side_exits;
        transcript[0] = '\0';
        for (size_t n = 0; n < sizeof(common) / sizeof(common[0]); n++)
            note(common[n].type, common[n].text, common[n].length);
        /* The first time the places of properties are found; a table grows now and then. */
        CHECK(i < 10 || engine_stressed.side_exits == before);
    }
    CHECK(strstr(transcript, "value") && strstr(transcript, "token"));
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
    RUN(a_new_node_is_there_or_not);
    RUN(a_value_is_the_old_or_the_new);
    RUN(a_tree_is_removed_or_not);
    RUN(permissions_are_the_old_or_the_new);
    RUN(a_watch_is_set_or_not);
    RUN(a_commit_is_whole_or_nothing);
    RUN(a_large_commit_is_told_once_or_refused);
    RUN(pairs_of_allocations_fail);
    RUN(random_sets_of_allocations_fail);
    RUN(a_full_store_can_be_read_and_emptied);
    RUN(what_guests_fill_is_not_all);
    RUN(no_text_becomes_code);
    RUN(it_starts_whole_or_not_at_all);
    RUN(a_full_store_survives_failures);
    RUN(stacks_end_in_an_exception);
    RUN(wrong_arguments_end_the_program);
    RUN(an_endless_allocation_ends_in_an_exception);
    RUN(a_failure_anywhere_is_not_seen);
    RUN(what_fails_twice_is_refused);
    RUN(transactions_of_before_end_with_eagain);
    RUN(nothing_is_left_for_the_collector);
    RUN(both_loops_answer_the_same);
    RUN(a_translation_can_be_left_anywhere);
    RUN(what_is_common_is_not_left);
    RUN(an_exception_names_its_typescript_line);
    return VERDICT;
}
