/* Framing and buffering of links over a transport that the test holds in its hand. */
#include "check.h"
#include "../../stubdom/trace/packets.h"
#include "fake_platform.h"
#include "pipe_link.h"
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

/* Longer than the path of what is quick. */
#define LONG 600

static struct pipe_end end;
static struct message message;
static int32_t pairs[64];

static void drain_events(void) {
    while (link_events(pairs, 32))
        ;
}

static void end_of_turn(void) {
    link_commit();
    link_flush();
}

static int count_events(enum event_kind kind, int link) {
    int found = 0;
    for (int n; (n = link_events(pairs, 32));)
        for (int i = 0; i < n; i++)
            found += pairs[2 * i] == (int32_t)kind && pairs[2 * i + 1] == link;
    return found;
}

static void whole_messages_only(void) {
    int link = pipe_open(&end);
    pipe_send(&end, 2, 7, "/a", 3);
    end.take_most = 1; /* byte by byte */
    for (int i = 0; i < 18; i++) {
        char kept[PIPE_SIZE];
        size_t all = end.to_length;
        memcpy(kept, end.to_server, all);
        end.to_length = end.to_at + 1;
        CHECK(!link_receive(link, &message));
        /* The rest of the message, which this take did not see. */
        memcpy(end.to_server, kept, all);
        end.to_at = i + 1;
        end.to_length = all;
    }
    CHECK(link_receive(link, &message));
    CHECK(message.header.type == 2 && message.header.request_id == 7);
    CHECK(message.header.length == 3 && memcmp(message.payload, "/a", 3) == 0);
    CHECK(!link_receive(link, &message));
    link_close(link);
}

static void many_messages_in_one_take(void) {
    int link = pipe_open(&end);
    for (uint32_t i = 0; i < 300; i++)
        pipe_send(&end, 2, i, "/some/path", 11);
    for (uint32_t i = 0; i < 300; i++) {
        CHECK(link_receive(link, &message));
        CHECK(message.header.request_id == i && memcmp(message.payload, "/some/path", 11) == 0);
    }
    CHECK(!link_receive(link, &message));
    link_close(link);
}

static void largest_and_empty_messages(void) {
    static char large[PAYLOAD_MAX];
    memset(large, 'v', sizeof(large));
    int link = pipe_open(&end);
    for (int i = 0; i < 4; i++) {
        pipe_send(&end, 11, 1, large, sizeof(large));
        pipe_send(&end, 21, 2, "", 0);
    }
    end.take_most = 777;
    for (int i = 0; i < 4; i++) {
        CHECK(link_receive(link, &message) && message.header.length == PAYLOAD_MAX);
        CHECK(memcmp(message.payload, large, PAYLOAD_MAX) == 0);
        CHECK(link_receive(link, &message) && message.header.length == 0);
    }
    link_close(link);
}

static void too_long_a_message_breaks_the_link(void) {
    int link = pipe_open(&end);
    pipe_send(&end, 2, 1, "/a", 3);
    pipe_send(&end, 2, 2, NULL, PAYLOAD_MAX + 1);
    drain_events();
    CHECK(link_receive(link, &message));
    struct header header = {.type = 2, .request_id = 1, .length = 3};
    CHECK(link_send(link, &header, "OK"));
    link_commit();
    CHECK(!link_receive(link, &message));
    CHECK(end.error == LINK_PROTOCOL && !link_is_open(link));
    CHECK(count_events(EVENT_BROKEN, link) == 1);
    /* What was answered before is not lost. */
    char payload[PAYLOAD_MAX + 1];
    CHECK(pipe_receive(&end, &header, payload) && strcmp(payload, "OK") == 0);
    CHECK(!link_receive(link, &message));
    link_close(link);
    CHECK(end.closed == 1);
}

static void a_length_that_wraps_breaks_the_link(void) {
    int link = pipe_open(&end);
    pipe_send(&end, 2, 1, NULL, 0xfffffff0);
    CHECK(!link_receive(link, &message));
    CHECK(end.error == LINK_PROTOCOL);
    link_close(link);
}

static void a_bad_index_breaks_and_a_reset_mends(void) {
    int link = pipe_open(&end);
    end.next_result = -LINK_RING_INDEX;
    CHECK(!link_receive(link, &message));
    CHECK(end.error == LINK_RING_INDEX && count_events(EVENT_BROKEN, link) == 1);
    struct header header = {.type = 2, .length = 3};
    CHECK(link_send(link, &header, "OK")); /* goes nowhere, breaks nothing */
    link_reset(link);
    CHECK(link_is_open(link) && end.resets == 1);
    pipe_send(&end, 2, 9, "/a", 3);
    CHECK(link_receive(link, &message) && message.header.request_id == 9);
    link_close(link);
}

static void a_reconnection_drops_partial_messages(void) {
    int link = pipe_open(&end);
    pipe_send(&end, 2, 1, "/aaaa", 6);
    end.to_length -= 2;
    CHECK(!link_receive(link, &message));
    end.next_result = TRANSPORT_RESET;
    CHECK(!link_receive(link, &message));
    CHECK(end.resets == 1 && count_events(EVENT_RESET, link) == 1);
    pipe_send(&end, 2, 2, "/b", 3);
    CHECK(link_receive(link, &message) && message.header.request_id == 2);
    link_close(link);
}

static void replies_wait_for_room_and_stay_in_order(void) {
    static char large[3000], payload[PAYLOAD_MAX + 1];
    memset(large, 'v', sizeof(large));
    int link = pipe_open(&end);
    end.room = 1024;
    uint32_t sent = 0, got = 0;
    struct header header = {.type = 2, .length = sizeof(large)};
    for (;; sent++) {
        header.request_id = sent;
        if (!link_send(link, &header, large))
            break;
        CHECK(sent < 100);
    }
    CHECK(sent >= 2);
    drain_events();
    /* The client reads in pieces; what was refused is tried again when ROOM says so. */
    for (int round = 0; round < 1000 && got < 50; round++) {
        link_wake(link);
        end_of_turn();
        if (count_events(EVENT_ROOM, link))
            for (; sent < 50; sent++) {
                header.request_id = sent;
                if (!link_send(link, &header, large))
                    break;
            }
        while (pipe_receive(&end, &header, payload)) {
            CHECK(header.request_id == got++ && header.length == sizeof(large));
            header.length = sizeof(large);
        }
        end.room = end.from_length + 1024 < PIPE_SIZE ? end.from_length + 1024 : PIPE_SIZE;
    }
    CHECK(got == 50);
    link_close(link);
}

static void one_notification_for_a_turn(void) {
    int link = pipe_open(&end);
    for (int i = 0; i < 20; i++)
        pipe_send(&end, 2, i, "/a", 3);
    struct header header = {.type = 2, .length = 3};
    while (link_receive(link, &message))
        CHECK(link_send(link, &header, "OK"));
    end_of_turn();
    CHECK(end.notified == 1);
    end_of_turn();
    CHECK(end.notified == 1);
    link_close(link);
}

static void numbers_come_again_clean(void) {
    int first = pipe_open(&end);
    link_wake(first);
    pipe_send(&end, 2, 1, "/aaaa", 6);
    end.to_length -= 2;
    CHECK(!link_receive(first, &message));
    link_close(first);
    int second = pipe_open(&end);
    CHECK(second == first);
    pipe_send(&end, 2, 5, "/b", 3);
    CHECK(link_receive(second, &message) && message.header.request_id == 5);
    link_close(second);
}

static void the_ready_queue_gives_each_its_turn(void) {
    static struct pipe_end ends[3];
    int links[3], link;
    for (int i = 0; i < 3; i++) {
        links[i] = pipe_open(&ends[i]);
        for (uint32_t j = 0; j < 2; j++)
            pipe_send(&ends[i], 2, 10 * i + j, "/a", 3);
        link_wake(links[i]);
        link_wake(links[i]); /* once is enough */
    }
    link_set_flow_control(links[1], true);
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 0);
    CHECK(link_next(&link, &message) == NEXT_FLOW_CONTROLLED && link == links[1]);
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 20);
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 1);
    /* What happened to one of them must be known first. */
    link_connected(links[2]);
    CHECK(link_next(&link, &message) == NEXT_NONE && link_has_events());
    drain_events();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 21);
    CHECK(link_next(&link, &message) == NEXT_NONE && !link_has_events());
    link_set_flow_control(links[1], false);
    link_wake(links[1]);
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 10);
    link_close(links[1]); /* in the ready queue */
    CHECK(link_next(&link, &message) == NEXT_NONE);
    link_close(links[0]);
    link_close(links[2]);
}

#define MILLISECOND 1000000

static void whose_messages_take_long_stand_back(void) {
    static struct pipe_end ends[2];
    int links[2], link;
    for (int i = 0; i < 2; i++) {
        links[i] = pipe_open(&ends[i]);
        link_endpoint(links[i])->domid = 5 + i;
        for (uint32_t j = 0; j < 4; j++)
            pipe_send(&ends[i], 2, 10 * i + j, "/a", 3);
        link_wake(links[i]);
    }
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 0);
    fake_ticks += MILLISECOND / 2;
    link_turn_ended();
    end_of_turn();
    /* As long as that took, the other is served alone. */
    link_turn();
    for (uint32_t j = 0; j < 3; j++) {
        CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 10 + j);
        fake_ticks += MILLISECOND / 10;
    }
    fake_ticks += MILLISECOND / 10;
    link_turn_ended();
    fake_ticks += MILLISECOND / 10;
    packets_time_passed();
    packets_ticks_now();
    /* Then it is its turn, but what was answered goes out before. */
    CHECK(link_next(&link, &message) == NEXT_NONE && link_any_ready() && link_has_events());
    end_of_turn();
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 1);
    end_of_turn();
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 13);
    /* Alone it need not wait. */
    end_of_turn();
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 2);
    end_of_turn();
    /* After a while it is as any other. */
    fake_ticks += 300 * MILLISECOND;
    pipe_send(&ends[1], 2, 14, "/a", 3);
    link_wake(links[1]);
    link_turn();
    packets_ticks_now();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 14);
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 3);
    link_close(links[0]);
    link_close(links[1]);
}

/* Guests who were never seen before send a message each that takes long, all at once: what is none
 * goes first. */
static void a_burst_of_long_messages_lets_others_in(void) {
    static struct pipe_end ends[7];
    static char path[LONG];
    int links[7], link;
    fake_ticks += 1000ULL * MILLISECOND;
    packets_time_passed();
    memset(path, '/', sizeof(path));
    for (int i = 0; i < 6; i++) {
        links[i] = pipe_open(&ends[i]);
        link_endpoint(links[i])->domid = i < 5 ? 5 + i : 0;
    }
    /* One that stands back already, for a message that took a little, still goes before those. */
    links[6] = pipe_open(&ends[6]);
    link_endpoint(links[6])->domid = 20;
    pipe_send(&ends[6], XS_WRITE, 60, "/b", 3);
    link_wake(links[6]);
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE);
    fake_ticks += MILLISECOND / 2;
    packets_time_passed();
    link_turn_ended();
    end_of_turn();
    pipe_send(&ends[0], XS_TRANSACTION_END, 0, "T", 2);
    pipe_send(&ends[1], XS_TRANSACTION_END, 1, "T", 2);
    pipe_send(&ends[2], XS_RM, 2, "/a", 3);
    pipe_send(&ends[3], 2, 3, path, sizeof(path));
    pipe_send(&ends[4], XS_WRITE, 4, "/a", 3);
    /* Dom0 is not suspected. */
    pipe_send(&ends[5], XS_TRANSACTION_END, 5, "T", 2);
    pipe_send(&ends[6], XS_WRITE, 6, "/b", 3);
    for (int i = 0; i < 7; i++)
        link_wake(links[i]);
    static const uint32_t order[] = {0, 4, 5, 6, 1, 2, 3};
    for (int n = 0; n < 7; n++) {
        link_turn();
        while (link_next(&link, &message) != NEXT_MESSAGE) {
            end_of_turn();
            link_turn();
        }
        CHECK(message.header.request_id == order[n]);
        if (order[n] < 4)
            fake_ticks += 10 * MILLISECOND;
        packets_time_passed();
        link_turn_ended();
        end_of_turn();
    }
    for (int i = 0; i < 7; i++)
        link_close(links[i]);
    while (link_any_ready()) {
        link_turn();
        CHECK(link_next(&link, &message) == NEXT_NONE);
        end_of_turn();
    }
}

/* One message was held up: it does not wait for each of those who have nothing but long ones. */
static void who_took_least_is_the_first_of_them(void) {
    static struct pipe_end ends[4];
    int links[4], link;
    for (int i = 0; i < 4; i++) {
        links[i] = pipe_open(&ends[i]);
        link_endpoint(links[i])->domid = 5 + i;
    }
    for (int round = 0; round < 2; round++)
        for (int i = round; i < 4; i++) {
            /* The first has one. */
            pipe_send(&ends[i], 2, i, "/a", 3);
            link_wake(links[i]);
            do {
                end_of_turn();
                link_turn();
            } while (link_next(&link, &message) != NEXT_MESSAGE);
            fake_ticks += 2 * MILLISECOND;
            packets_time_passed();
            link_turn_ended();
        }
    for (int i = 3; i >= 0; i--) {
        pipe_send(&ends[i], 2, 10 + i, "/a", 3);
        link_wake(links[i]);
    }
    end_of_turn();
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 10);
    for (int i = 0; i < 4; i++)
        link_close(links[i]);
    /* They leave the lists when their turn comes. */
    while (link_any_ready()) {
        end_of_turn();
        link_turn();
        CHECK(link_next(&link, &message) == NEXT_NONE);
    }
}

static void a_turn_has_an_end(void) {
    static struct pipe_end one;
    int number = pipe_open(&one), link;
    for (uint32_t j = 0; j < 2; j++)
        pipe_send(&one, 2, j, "/a", 3);
    link_wake(number);
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 0);
    fake_ticks += 2 * MILLISECOND;
    struct header header = {.type = 2, .length = 3};
    CHECK(link_send(number, &header, "OK"));
    CHECK(link_next(&link, &message) == NEXT_NONE && link_has_events());
    end_of_turn();
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE && message.header.request_id == 1);
    link_close(number);
}

static void the_ready_queue_grows(void) {
    static struct pipe_end ends[200];
    int links[200], link;
    for (int i = 0; i < 200; i++) {
        links[i] = pipe_open(&ends[i]);
        pipe_send(&ends[i], 2, i, "/a", 3);
        link_wake(links[i]);
        if (i % 3 == 0)
            CHECK(link_next(&link, &message) == NEXT_MESSAGE);
    }
    int found = 67;
    while (link_next(&link, &message) == NEXT_MESSAGE)
        found++;
    CHECK(found == 200);
    for (int i = 0; i < 200; i++)
        link_close(links[i]);
}

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

static void bad_numbers_do_nothing(void) {
    static const int numbers[] = {-1, 100000, 1 << 30};
    struct header header = {.type = 2, .length = 3};
    for (int i = 0; i < 3; i++) {
        CHECK(!link_receive(numbers[i], &message));
        CHECK(link_send(numbers[i], &header, "OK"));
        link_close(numbers[i]);
        link_reset(numbers[i]);
        link_wake(numbers[i]);
        CHECK(!link_is_open(numbers[i]));
    }
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

/* A flow-controlled guest that stands back is served, though another has messages all the time and
 * the program is asked first. */
static void a_flow_controlled_guest_that_stands_back_is_served(void) {
    static struct pipe_end ends[2];
    int links[2], link, visits = 0, others = 0;
    fake_ticks += 1000ULL * MILLISECOND;
    for (int i = 0; i < 2; i++) {
        links[i] = pipe_open(&ends[i]);
        link_endpoint(links[i])->domid = 5 + i;
    }
    pipe_send(&ends[0], XS_WRITE, 1, "/a", 3);
    link_wake(links[0]);
    link_turn();
    CHECK(link_next(&link, &message) == NEXT_MESSAGE);
    fake_ticks += 20 * MILLISECOND;
    packets_time_passed();
    link_turn_ended();
    end_of_turn();
    link_set_flow_control(links[0], true);
    pipe_send(&ends[0], XS_TRANSACTION_END, 2, "T", 2);
    link_wake(links[0]);
    bool served = false;
    for (int turn = 0; turn < 2000 && !served; turn++) {
        pipe_send(&ends[1], XS_READ, 3, "/b", 3);
        link_wake(links[1]);
        link_turn();
        for (enum link_next next; !served && (next = link_next(&link, &message)) != NEXT_NONE;) {
            fake_ticks += MILLISECOND / 10;
            packets_time_passed();
            packets_ticks_now();
            others += next == NEXT_MESSAGE;
            /* A plain turn gives it back, the program's own takes its message. */
            if (next == NEXT_FLOW_CONTROLLED && ++visits % 2)
                link_wake(links[0]);
            else if (next == NEXT_FLOW_CONTROLLED)
                served = link_receive(links[0], &message);
        }
        end_of_turn();
    }
    CHECK(served && message.header.request_id == 2 && others < 300);
    for (int i = 0; i < 2; i++)
        link_close(links[i]);
    while (link_any_ready()) {
        link_turn();
        CHECK(link_next(&link, &message) == NEXT_NONE);
        end_of_turn();
    }
}

static void what_goes_over_is_counted(void) {
    int link = pipe_open(&end);
    struct header reply = {.type = 2}, event = {.type = 15};
    pipe_send(&end, 2, 1, "/a", 3);
    pipe_send(&end, 11, 2, "/b", 3);
    CHECK(link_receive(link, &message) && link_receive(link, &message));
    link_send(link, &reply, "");
    link_send(link, &event, "");
    link_send(link, &event, "");
    const struct traffic *seen = link_traffic(link);
    CHECK(seen->requests == 2 && seen->replies == 1 && seen->events == 2);
    CHECK(seen->last_type == 11 && seen->last_ticks > 0);
    struct traffic all = link_traffic_total();
    link_close(link);
    CHECK(link_traffic(link) == NULL);
    CHECK(link_traffic_total().requests == all.requests && all.requests >= 2);
    link = pipe_open(&end);
    CHECK(link_traffic(link)->requests == 0);
    link_close(link);
}

static struct header reply_to(uint32_t id) {
    return (struct header){.type = 2, .request_id = id, .length = 3};
}

static void what_does_not_count_never_was(void) {
    int link = pipe_open(&end);
    struct header first = reply_to(1), second = reply_to(2), got;
    char payload[PAYLOAD_MAX + 1];
    CHECK(link_send(link, &first, "one"));
    link_commit();
    CHECK(link_send(link, &second, "two"));
    link_flush();
    CHECK(pipe_receive(&end, &got, payload) && got.request_id == 1);
    CHECK(!pipe_receive(&end, &got, payload));
    link_discard();
    end_of_turn();
    CHECK(!pipe_receive(&end, &got, payload));
    CHECK(link_send(link, &second, "two"));
    end_of_turn();
    CHECK(pipe_receive(&end, &got, payload) && got.request_id == 2);
    link_close(link);
}

/* More than a buffer holds is sent in one request scope: what does not fit is refused, and all of
 * it taken back. */
static void a_large_unit_is_taken_back(void) {
    static const char large[PAYLOAD_MAX];
    int link = pipe_open(&end), sent = 0;
    struct header header = {.type = 2, .length = PAYLOAD_MAX}, small = reply_to(9), got;
    char payload[PAYLOAD_MAX + 1];
    CHECK(link_send(link, &small, "old"));
    link_commit();
    while (sent < 200 && link_send(link, &header, large))
        sent++;
    CHECK(sent > 4 && sent < 200);
    link_discard();
    end_of_turn();
    CHECK(pipe_receive(&end, &got, payload) && got.request_id == 9);
    CHECK(!pipe_receive(&end, &got, payload));
    link_close(link);
}

static void a_message_comes_again_once(void) {
    int link = pipe_open(&end);
    pipe_send(&end, 2, 7, "/a", 3);
    pipe_send(&end, 2, 8, "/b", 3);
    CHECK(link_receive(link, &message) && message.header.request_id == 7);
    CHECK(link_requeue(link, HEADER_SIZE + 3));
    CHECK(link_receive(link, &message) && message.header.request_id == 7);
    CHECK(!link_requeue(link, HEADER_SIZE + 3));
    link_served(link);
    CHECK(link_receive(link, &message) && message.header.request_id == 8);
    CHECK(link_requeue(link, HEADER_SIZE + 3));
    link_close(link);
}

static void a_message_that_is_gone_is_not_shown(void) {
    int link = pipe_open(&end);
    size_t size = HEADER_SIZE + 3;
    pipe_send(&end, 2, 7, "/a", 3);
    CHECK(link_last(link, size) == NULL);
    CHECK(link_receive(link, &message));
    const char *last = link_last(link, size);
    CHECK(last && memcmp(last + HEADER_SIZE, "/a", 3) == 0);
    CHECK(link_requeue(link, size) && link_receive(link, &message));
    CHECK(link_last(link, size) == last);
    /* The guest starts anew while the message is served. */
    link_restarted(link);
    CHECK(link_last(link, size) == NULL && !link_requeue(link, size));
    /* The first message afterwards did not fail before. */
    pipe_send(&end, 2, 8, "/b", 3);
    CHECK(link_receive(link, &message) && message.header.request_id == 8);
    CHECK(link_requeue(link, size));
    link_close(link);
    CHECK(link_last(link, size) == NULL && link_last(-1, size) == NULL);
}

/* What was answered goes out before a link breaks, each time that it breaks. */
static void a_second_break_keeps_replies_too(void) {
    int link = pipe_open(&end);
    char payload[PAYLOAD_MAX + 1];
    for (uint32_t i = 1; i <= 3; i++) {
        struct header header = {.type = 2, .request_id = i, .length = 3}, got;
        CHECK(link_send(link, &header, "OK"));
        link_commit();
        link_shut(link, LINK_PROTOCOL);
        CHECK(pipe_receive(&end, &got, payload) && got.request_id == i);
        link_reset(link);
    }
    link_close(link);
}

static unsigned peer_did;
static unsigned looks;

static unsigned look(const struct endpoint *endpoint, bool replies_wait) {
    (void)endpoint;
    looks++;
    return peer_did & (replies_wait ? PEER_WROTE | PEER_READ : PEER_WROTE);
}

/* A ring is looked at once more after a turn that moved its bytes, and whenever it is time. */
static void a_ring_is_looked_at_before_the_program_blocks(void) {
    struct transport ring = pipe_transport;
    ring.look = look;
    peer_did = looks = 0;
    memset(&end, 0, sizeof(end));
    end.take_most = end.room = PIPE_SIZE;
    struct endpoint endpoint = {.domid = 3, .page = &end};
    int link = link_add(&ring, &endpoint), next;
    end_of_turn();
    drain_events();
    CHECK(link_next(&next, &message) == NEXT_NONE && !link_look());
    looks = 0;
    CHECK(!link_look() && looks == 0);
    pipe_send(&end, 2, 1, "/a", 3);
    end.to_length -= 2; /* a header without its payload */
    link_wake(link);
    CHECK(link_next(&next, &message) == NEXT_NONE);
    end_of_turn();
    CHECK(!link_look() && looks == 1);
    CHECK(!link_look() && looks == 1);
    /* The rest comes without an event, behind the last look: the next one finds it. */
    end.to_length += 2;
    peer_did = PEER_WROTE;
    CHECK(!link_look() && link_found_late() == 0);
    link_look_at_all();
    CHECK(link_found_late() == 1);
    peer_did = 0;
    CHECK(link_look() && link_next(&next, &message) == NEXT_MESSAGE && next == link);
    /* Replies wait, and room is not announced. */
    struct header header = {.type = 2, .length = 3}, got;
    char payload[PAYLOAD_MAX + 1];
    end.room = 1;
    CHECK(link_send(link, &header, "OK"));
    end_of_turn();
    CHECK(link_next(&next, &message) == NEXT_NONE && !link_look());
    end.room = PIPE_SIZE;
    peer_did = PEER_READ;
    link_look_at_all();
    peer_did = 0;
    CHECK(link_found_late() == 2 && link_look());
    end_of_turn();
    CHECK(pipe_receive(&end, &got, payload) && got.length == 3);
    /* A link that broke is left alone. */
    link_shut(link, LINK_PROTOCOL);
    drain_events();
    looks = 0;
    link_look_at_all();
    CHECK(!link_look() && looks == 0);
    link_close(link);
}

static void a_link_is_closed_when_that_counts(void) {
    int link = pipe_open(&end);
    link_leave(link);
    link_discard();
    CHECK(link_is_open(link) && end.closed == 0);
    link_leave(link);
    CHECK(end.closed == 0);
    link_commit();
    CHECK(!link_is_open(link) && end.closed == 1);
}

static void who_starts_anew_claims_what_it_knows(void) {
    static struct pipe_end other;
    int known = pipe_open(&end), unknown = pipe_open(&other);
    drain_events();
    link_unclaim_all();
    CHECK(link_claim(known, -1) == CLAIM_OPEN);
    CHECK(link_claim(known, 3) == CLAIM_GONE);
    CHECK(link_claim(99, -1) == CLAIM_GONE);
    link_close_unclaimed();
    CHECK(count_events(EVENT_CONNECTED, unknown) == 1);
    link_shut(known, LINK_COMM);
    CHECK(link_claim(known, -1) == CLAIM_BROKEN);
    link_close(known);
    link_close(unknown);
}

int main(void) {
    RUN(what_goes_over_is_counted);
    RUN(whole_messages_only);
    RUN(many_messages_in_one_take);
    RUN(largest_and_empty_messages);
    RUN(too_long_a_message_breaks_the_link);
    RUN(a_length_that_wraps_breaks_the_link);
    RUN(a_bad_index_breaks_and_a_reset_mends);
    RUN(a_reconnection_drops_partial_messages);
    RUN(replies_wait_for_room_and_stay_in_order);
    RUN(one_notification_for_a_turn);
    RUN(numbers_come_again_clean);
    RUN(the_ready_queue_gives_each_its_turn);
    RUN(whose_messages_take_long_stand_back);
    RUN(a_burst_of_long_messages_lets_others_in);
    RUN(who_took_least_is_the_first_of_them);
    RUN(a_turn_has_an_end);
    RUN(the_ready_queue_grows);
    RUN(nothing_is_held_when_nothing_waits);
    RUN(bad_numbers_do_nothing);
    RUN(what_does_not_count_never_was);
    RUN(a_large_unit_is_taken_back);
    RUN(a_message_comes_again_once);
    RUN(a_message_that_is_gone_is_not_shown);
    RUN(a_second_break_keeps_replies_too);
    RUN(a_ring_is_looked_at_before_the_program_blocks);
    RUN(a_link_is_closed_when_that_counts);
    RUN(who_starts_anew_claims_what_it_knows);
    RUN(messages_that_many_begin_at_once_take_little_memory);
    RUN(a_flow_controlled_guest_that_stands_back_is_served);
    RUN(half_a_message_takes_little_memory);
    RUN(replies_that_nobody_reads_take_little_memory);
    return VERDICT;
}
