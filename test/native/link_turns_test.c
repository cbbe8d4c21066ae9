/* The ready queue: whose message is next, and when a turn ends. */
#include "../../stubdom/trace/packets.h"
#include "check.h"
#include "fake_platform.h"
#include "link_driver.h"
#include "pipe_link.h"
#include <string.h>
#include <xen/io/xs_wire.h>

/* Longer than the path of what is quick. */
#define LONG 600

static struct message message;

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

int main(void) {
    RUN(the_ready_queue_gives_each_its_turn);
    RUN(whose_messages_take_long_stand_back);
    RUN(a_burst_of_long_messages_lets_others_in);
    RUN(who_took_least_is_the_first_of_them);
    RUN(a_turn_has_an_end);
    RUN(the_ready_queue_grows);
    RUN(a_flow_controlled_guest_that_stands_back_is_served);
    return VERDICT;
}
