/* Links over a transport that the test holds in its hand: framing, resets, and what becomes of
 * links. */
#include "check.h"
#include "link_driver.h"
#include "pipe_link.h"
#include <string.h>

static struct pipe_end end;
static struct message message;

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
    RUN(numbers_come_again_clean);
    RUN(bad_numbers_do_nothing);
    RUN(a_message_comes_again_once);
    RUN(a_message_that_is_gone_is_not_shown);
    RUN(a_ring_is_looked_at_before_the_program_blocks);
    RUN(a_link_is_closed_when_that_counts);
    RUN(who_starts_anew_claims_what_it_knows);
    return VERDICT;
}
