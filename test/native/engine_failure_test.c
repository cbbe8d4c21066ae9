/* The whole program in its engine: what clients see when it fails. */
#include "../../stubdom/engine/fault.h"
#include "check.h"
#include "engine_driver.h"
#include "fake_platform.h"
#include <stdlib.h>
#include <string.h>

static unsigned replies, events;

/* As request_bytes, counting what comes. */
static void count_request(uint32_t type, const char *payload, uint32_t length) {
    struct header header = {
        .type = type, .request_id = 42, .transaction_id = transaction, .length = length};
    struct header got;
    char text[PAYLOAD_MAX + 1];
    replies = events = 0;
    memcpy(far_end.to_server + far_end.to_length, &header, sizeof(header));
    memcpy(far_end.to_server + far_end.to_length + sizeof(header), payload, length);
    far_end.to_length += sizeof(header) + length;
    link_wake(the_link);
    turns();
    while (pipe_receive(&far_end, &got, text)) {
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

int main(void) {
    RUN(a_failure_anywhere_is_not_seen);
    RUN(what_fails_twice_is_refused);
    RUN(transactions_of_before_end_with_eagain);
    return VERDICT;
}
