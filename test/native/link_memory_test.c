/* Buffers of links: how many bytes they take. */
#include "check.h"
#include "fake_platform.h"
#include "link_driver.h"
#include "pipe_link.h"
#include <string.h>
#include <xen/io/xs_wire.h>

static struct pipe_end end;
static struct message message;
static int32_t pairs[64];

static void nothing_is_held_when_nothing_waits(void) {
    static struct pipe_end ends[200];
    int links[200];
    size_t before = link_memory();
    for (int i = 0; i < 200; i++) {
        links[i] = pipe_open(&ends[i]);
        pipe_send(&ends[i], 2, 1, "/a", 3);
        struct header header = {.type = 2, .length = 3};
        CHECK(link_receive(links[i], &message) && link_send(links[i], &header, "OK"));
        CHECK(!link_receive(links[i], &message));
    }
    end_of_turn();
    /* Only the records of the links themselves; no buffer. */
    CHECK(link_memory() - before < 200 * 512);
    for (int i = 0; i < 200; i++)
        link_close(links[i]);
}

static int open_guest(void) {
    int link = pipe_open(&end);
    link_endpoint(link)->domid = 7;
    return link;
}

/* Messages of each length come byte by byte, and are kept in as many bytes as they have. */
static void half_a_message_takes_little_memory(void) {
    static const uint32_t lengths[] = {0, 3, 100, 1008, PAYLOAD_MAX};
    static char payload[PAYLOAD_MAX];
    for (size_t i = 0; i < PAYLOAD_MAX; i++)
        payload[i] = (char)(i * 7);
    int link = open_guest();
    /* Nobody is suspected of long messages any more. */
    fake_ticks += 1000ULL * MILLISECOND;
    for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
        char all[HEADER_SIZE + PAYLOAD_MAX];
        size_t whole = HEADER_SIZE + lengths[n];
        pipe_send(&end, 2, (uint32_t)n, payload, lengths[n]);
        memcpy(all, end.to_server, whole);
        for (size_t sent = 0; sent < whole; sent++) {
            end.to_at = 0;
            end.to_length = 1;
            end.to_server[0] = all[sent];
            bool is_whole = link_receive(link, &message);
            CHECK(is_whole == (sent + 1 == whole));
            if (is_whole)
                break;
            link_shrink();
            CHECK(link_buffers(link) == sent + 1);
        }
        CHECK(message.header.request_id == n && message.header.length == lengths[n]);
        CHECK(memcmp(message.payload, payload, lengths[n]) == 0);
    }
    /* Where memory is scarce, not more than one is taken out of the ring. */
    link_memory_scarce = true;
    for (uint32_t i = 0; i < 5; i++)
        pipe_send(&end, 2, i, payload, 500);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK(link_receive(link, &message) && message.header.request_id == i);
        CHECK(message.header.length == 500 && memcmp(message.payload, payload, 500) == 0);
        CHECK(i == 4 || end.to_length - end.to_at == (4 - i) * (HEADER_SIZE + 500));
    }
    link_memory_scarce = false;
    /* Whole messages that nobody took stay, with half of one behind them. */
    for (uint32_t i = 0; i < 5; i++)
        pipe_send(&end, 2, i, payload, 500);
    end.to_length -= 100;
    for (uint32_t i = 0; i < 4; i++) {
        CHECK(link_receive(link, &message) && message.header.request_id == i);
        link_shrink();
    }
    CHECK(!link_receive(link, &message));
    link_shrink();
    CHECK(link_buffers(link) == HEADER_SIZE + 400);
    link_close(link);
}

/* What a guest does not read takes as many bytes as it has; a second message is the program's. */
static void replies_that_nobody_reads_take_little_memory(void) {
    char payload[PAYLOAD_MAX + 1];
    int link = open_guest();
    struct header header = {.type = 2, .length = 2000};
    static char large[2000];
    memset(large, 'v', sizeof(large));
    end.room = 0;
    for (uint32_t i = 0; i < 3; i++) {
        header.request_id = i;
        CHECK(link_send(link, &header, large));
        end_of_turn();
    }
    link_shrink();
    CHECK(link_buffers(link) == 3 * (HEADER_SIZE + sizeof(large)));
    end.room = 1000;
    link_wake(link);
    end_of_turn();
    link_shrink();
    CHECK(link_buffers(link) == 3 * (HEADER_SIZE + sizeof(large)) - 1000);
    /* There is no more room than that, but where memory is not scarce. */
    header.request_id = 3;
    link_memory_scarce = true;
    CHECK(!link_send(link, &header, large));
    end.room = PIPE_SIZE;
    link_wake(link);
    end_of_turn();
    CHECK(count_events(EVENT_ROOM, link) == 1 && link_buffers(link) == 0);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK(pipe_receive(&end, &header, payload) && header.request_id == i);
        CHECK(header.length == sizeof(large) && memcmp(payload, large, sizeof(large)) == 0);
    }
    end.room = end.from_length;
    header = (struct header){.type = 2, .request_id = 4, .length = 2000};
    CHECK(link_send(link, &header, large));
    CHECK(link_buffers(link) == HEADER_SIZE + sizeof(large));
    header.request_id = 5;
    CHECK(!link_send(link, &header, large));
    end_of_turn();
    link_memory_scarce = false;
    CHECK(!link_send(link, &header, large));
    end.room = PIPE_SIZE;
    link_wake(link);
    end_of_turn();
    CHECK(pipe_receive(&end, &header, payload) && header.request_id == 4);
    /* A request scope of several messages grows again. */
    end.room = end.from_length;
    link_memory_scarce = true;
    header = (struct header){.type = 2, .request_id = 6, .length = 10};
    CHECK(link_send(link, &header, large));
    link_memory_scarce = false;
    for (header.request_id = 7; header.request_id < 12; header.request_id++)
        CHECK(link_send(link, &header, large));
    end_of_turn();
    end.room = PIPE_SIZE;
    link_wake(link);
    end_of_turn();
    for (uint32_t i = 6; i < 12; i++)
        CHECK(pipe_receive(&end, &header, payload) && header.request_id == i);
    link_close(link);
    CHECK(*link_all_buffers <= 4 * (2 + 4) * MESSAGE_MAX);
}

/* Many guests begin a message in one turn: what that takes is bounded, and all of them are heard in
 * the next turns. */
static void messages_that_many_begin_at_once_take_little_memory(void) {
    enum { GUESTS = 200 };
    static struct pipe_end ends[GUESTS];
    static char value[PAYLOAD_MAX];
    int links[GUESTS], link, heard = 0;
    fake_ticks += 1000ULL * MILLISECOND;
    link_memory_scarce = true;
    link_shrink();
    size_t before = *link_all_buffers;
    for (int i = 0; i < GUESTS; i++) {
        links[i] = pipe_open(&ends[i]);
        link_endpoint(links[i])->domid = 1 + i;
        pipe_send(&ends[i], XS_WRITE, (uint32_t)i, value, 400);
        ends[i].to_length -= 1;
        link_wake(links[i]);
    }
    drain_events();
    for (int turn = 0; turn < 100; turn++) {
        link_turn();
        while (link_next(&link, &message) != NEXT_NONE)
            heard++;
        CHECK(*link_all_buffers - before <= 8 * MESSAGE_MAX + GUESTS * 416);
        end_of_turn();
        for (int n; (n = link_events(pairs, 32));)
            for (int i = 0; i < n; i++)
                link_wake(pairs[2 * i + 1]);
        link_shrink();
    }
    CHECK(heard == 0 && *link_all_buffers - before == GUESTS * 415);
    for (int i = 0; i < GUESTS; i++) {
        ends[i].to_at = 0;
        ends[i].to_length = 1;
        ends[i].to_server[0] = 0;
        link_wake(links[i]);
    }
    for (int turn = 0; turn < 300 && heard < GUESTS; turn++) {
        link_turn();
        while (link_next(&link, &message) == NEXT_MESSAGE) {
            CHECK(message.header.length == 400);
            heard++;
        }
        end_of_turn();
        for (int n; (n = link_events(pairs, 32));)
            for (int i = 0; i < n; i++)
                link_wake(pairs[2 * i + 1]);
        link_shrink();
    }
    CHECK(heard == GUESTS);
    link_memory_scarce = false;
    for (int i = 0; i < GUESTS; i++)
        link_close(links[i]);
    while (link_any_ready()) {
        link_turn();
        CHECK(link_next(&link, &message) == NEXT_NONE);
        end_of_turn();
    }
}

int main(void) {
    RUN(nothing_is_held_when_nothing_waits);
    RUN(messages_that_many_begin_at_once_take_little_memory);
    RUN(half_a_message_takes_little_memory);
    RUN(replies_that_nobody_reads_take_little_memory);
    return VERDICT;
}
