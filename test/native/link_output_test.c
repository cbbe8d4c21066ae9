/* Output of links: order, room, notifications, and what is taken back before it counts. */
#include "check.h"
#include "link_driver.h"
#include "pipe_link.h"
#include <string.h>

static struct pipe_end end;
static struct message message;

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

/* Where the next whole message begins, however much of those before has gone. */
static void another_process_learns_where_a_message_begins(void) {
    static char text[1000];
    static const uint32_t lengths[] = {3, 1000, 0, 17, 700};
    struct link_state state;
    memset(text, 'v', sizeof(text));
    int link = pipe_open(&end);
    size_t all = 0, ends[5];
    end.room = 0;
    for (int i = 0; i < 5; i++) {
        struct header header = {.type = 2, .request_id = i, .length = lengths[i]};
        CHECK(link_send(link, &header, text));
        ends[i] = all += HEADER_SIZE + lengths[i];
    }
    link_commit();
    for (size_t gone = 0; gone <= all; gone += gone % 3 ? 7 : 1) {
        end.room = gone;
        link_wake(link);
        end_of_turn();
        CHECK(link_export(link, &state) && state.out_length == all - end.from_length);
        size_t next = 0;
        while (next < 5 && ends[next] < end.from_length)
            next++;
        bool begins = !end.from_length || ends[next] == end.from_length;
        CHECK(state.out_begun == (begins ? 0 : ends[next] - end.from_length));
    }
    /* And goes on from there. */
    int other = pipe_open(&end);
    struct link_state taken = {
        .link = other, .open = true, .out = text, .out_length = 116, .out_begun = 100};
    struct header next = {.type = 2, .length = 0};
    memcpy(text + 100, &next, HEADER_SIZE);
    end.room = 40;
    CHECK(link_import(&taken));
    end_of_turn();
    CHECK(link_export(other, &state) && state.out_begun == 60 && state.out_length == 76);
    end.room = 104;
    link_wake(other);
    end_of_turn();
    CHECK(link_export(other, &state) && state.out_begun == 12 && state.out_length == 12);
    taken.out_begun = 117;
    CHECK(!link_import(&taken));
    link_close(other);
    link_close(link);
}

int main(void) {
    RUN(replies_wait_for_room_and_stay_in_order);
    RUN(one_notification_for_a_turn);
    RUN(what_does_not_count_never_was);
    RUN(a_large_unit_is_taken_back);
    RUN(a_second_break_keeps_replies_too);
    RUN(another_process_learns_where_a_message_begins);
    return VERDICT;
}
