/*
 * The whole program in its engine: what happens when allocations of a request fail, each of them,
 * pairs of them and random sets.
 */
#include "../../stubdom/engine/memory.h"
#include "../../stubdom/engine/turn.h"
#include "check.h"
#include "engine_driver.h"
#include "fake_platform.h"
#include <stdlib.h>
#include <string.h>

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
        while (pipe_receive(&far_end, &header, payload)) {
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
    memcpy(far_end.to_server + far_end.to_length, &header, sizeof(header));
    memcpy(far_end.to_server + far_end.to_length + sizeof(header), end_payload,
           sizeof(end_payload));
    far_end.to_length += sizeof(header) + sizeof(end_payload);
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

int main(void) {
    RUN(a_new_node_is_there_or_not);
    RUN(a_value_is_the_old_or_the_new);
    RUN(a_tree_is_removed_or_not);
    RUN(permissions_are_the_old_or_the_new);
    RUN(a_watch_is_set_or_not);
    RUN(a_commit_is_whole_or_nothing);
    RUN(a_large_commit_is_told_once_or_refused);
    RUN(pairs_of_allocations_fail);
    RUN(random_sets_of_allocations_fail);
    return VERDICT;
}
