/* The ring of packets, and the requests that took long, over a clock in the test's hand. */
#include <stdint.h>
static uint64_t counter(void);
#define __builtin_ia32_rdtsc counter
#define platform_ticks counter
#include "../../stubdom/trace/packets.c"
#undef __builtin_ia32_rdtsc
#undef platform_ticks
#include "check.h"
#include "fake_platform.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The processor's, or one that a hypervisor answers for. */
static unsigned emulated, reads;
static uint64_t counter(void) {
    static uint64_t answer;
    reads++;
    return emulated ? answer += emulated : __builtin_ia32_rdtsc();
}

static char bytes[PAYLOAD_MAX];
static struct packets_header head;
static struct packet packets[64];

static void one(bool out, uint32_t type, uint32_t id, const char *payload) {
    struct header header = {.type = type, .request_id = id, .length = strlen(payload) + 1};
    char whole[PACKET_KEPT] = "";
    strcpy(whole, payload);
    if (out)
        packets_out(3, 7, &header, whole);
    else
        packets_in(3, 7, &header, whole);
}

/* How many packets came out. */
static unsigned dump(uint64_t from, size_t room) {
    size_t size = packets_dump(from, bytes, room);
    if (size < sizeof(head))
        return -1;
    memcpy(&head, bytes, sizeof(head));
    memcpy(packets, bytes + sizeof(head), size - sizeof(head));
    CHECK((size - sizeof(head)) % sizeof(packets[0]) == 0);
    CHECK(head.end - head.first == (size - sizeof(head)) / sizeof(packets[0]));
    return head.end - head.first;
}

static void what_went_over_comes_out(void) {
    CHECK(packets_start(20 * sizeof(struct packet)) == 16);
    one(false, 2, 11, "/a/b");
    one(true, 2, 11, "value");
    CHECK(dump(0, sizeof(bytes)) == 2);
    CHECK(memcmp(head.magic, "XSTSPKTS", 8) == 0 && head.version == 1 && head.recorded == 2);
    CHECK(head.slot == 96 && sizeof(head) == 64);
    CHECK(packets[0].link == 3 && packets[0].domid == 7 && !packets[0].out);
    CHECK(packets[0].header.type == 2 && packets[0].header.length == 5);
    CHECK(strcmp(packets[0].payload, "/a/b") == 0);
    CHECK(packets[1].out && strcmp(packets[1].payload, "value") == 0);
    CHECK(packets[1].ticks >= packets[0].ticks && head.ticks >= packets[1].ticks);
    CHECK(dump(1, sizeof(bytes)) == 1 && packets[0].out);
    CHECK(dump(2, sizeof(bytes)) == 0 && head.first == 2);
    packets_stop();
}

static void the_oldest_make_room(void) {
    packets_start(16 * sizeof(struct packet));
    for (uint32_t i = 0; i < 40; i++)
        one(false, 2, i, "/x");
    CHECK(dump(0, sizeof(bytes)) == 16 && head.first == 24 && packets[0].header.request_id == 24);
    CHECK(packets[15].header.request_id == 39);
    /* In pieces, as they fit into a message. */
    CHECK(dump(0, sizeof(head) + 5 * sizeof(struct packet) + 7) == 5 && head.end == 29);
    CHECK(dump(head.end, sizeof(bytes)) == 11 && packets[0].header.request_id == 29);
    CHECK(packets_dump(0, bytes, sizeof(head) - 1) == 0);
    packets_stop();
}

static void long_payloads_are_cut(void) {
    static char large[PAYLOAD_MAX];
    struct header header = {.type = 11, .length = sizeof(large)};
    memset(large, 'v', sizeof(large));
    packets_start(1 << 16);
    packets_in(1, 0, &header, large);
    CHECK(dump(0, sizeof(bytes)) == 1 && packets[0].header.length == sizeof(large));
    CHECK(packets[0].payload[PACKET_KEPT - 1] == 'v');
    packets_stop();
}

static void without_memory_there_is_no_ring(void) {
    CHECK(packets_start(100) == 0);
    one(false, 2, 1, "/x");
    one(true, 2, 1, "y");
    CHECK(dump(0, sizeof(bytes)) == 0 && packets_memory() == 0);
    packets_stop();
}

static char told[16384];

static void tell(const char *line, size_t length) {
    strncat(told, line, length);
    strcat(told, "\n");
}

static void the_tail_is_text(void) {
    packets_start(1 << 16);
    for (uint32_t i = 0; i < 5; i++)
        one(i % 2, 2, i, i == 4 ? "/z" : "/x");
    told[0] = '\0';
    packets_tail(2, tell);
    unsigned long long number, ago;
    unsigned link, domid, type, id, tx, length;
    char way[4], hex[160];
    char *second = strchr(told, '\n') + 1;
    CHECK(sscanf(second, "packet %llu %llu %u %u %3s %u %u %u %u %159s", &number, &ago, &link,
                 &domid, way, &type, &id, &tx, &length, hex) == 10);
    CHECK(number == 4 && ago == 0 && link == 3 && domid == 7 && strcmp(way, "in") == 0);
    CHECK(type == 2 && id == 4 && tx == 0 && length == 3 && strcmp(hex, "2f7a00") == 0);
    CHECK(strncmp(told, "packet 3 ", 9) == 0 && strchr(second, '\n')[1] == '\0');
    packets_stop();
}

static void failures_are_told_once_a_minute(void) {
    packets_start(1 << 16);
    one(false, 2, 1, "/x");
    fake_log[0] = '\0';
    fake_time = 1e6;
    packets_after_failure();
    CHECK(strstr(fake_log, "packet 0 ") != NULL);
    fake_log[0] = '\0';
    fake_time += 59000;
    packets_after_failure();
    CHECK(!fake_log[0]);
    fake_time += 2000;
    packets_after_failure();
    CHECK(fake_log[0]);
    packets_stop();
}

/* Waits, and lets the clock of the test say that it was so long. */
static void pass(unsigned milliseconds) {
    struct timespec time = {.tv_nsec = milliseconds * 1000000};
    nanosleep(&time, NULL);
    fake_time += milliseconds;
}

static void slow_requests_are_kept(void) {
    packets_start(1 << 16);
    packets_slow_after(5);
    pass(20);
    one(false, 2, 1, "/fast");
    one(true, 2, 1, "v");
    CHECK(packets_slow()->count == 0);
    for (uint32_t i = 0; i < 10; i++) {
        one(false, 2, i, i == 9 ? "/last" : "/slow");
        pass(30);
        one(true, 15, i, "an event that does not answer");
        CHECK(packets_slow()->count == i);
        one(true, 2, i, "v");
    }
    const struct slow_requests *slow = packets_slow();
    CHECK(slow->count == 10);
    const struct slow_request *last = &slow->last[9 % SLOW_KEPT];
    CHECK(strcmp(last->request.payload, "/last") == 0 && last->request.domid == 7);
    CHECK(last->milliseconds >= 5 && last->milliseconds < 3000);
    /* Somebody else's reply is not the answer. */
    one(false, 2, 77, "/x");
    pass(30);
    one(true, 2, 78, "v");
    CHECK(packets_slow()->count == 10);
    packets_stop();
}

static void an_emulated_counter_is_read_once_a_turn(void) {
    emulated = 5000;
    packets_start(1 << 16);
    packets_slow_after(5);
    for (uint32_t turn = 0; turn < 3; turn++) {
        packets_time_passed();
        reads = 0;
        for (uint32_t i = 0; i < 10; i++) {
            one(false, 2, i, "/x");
            one(true, 2, i, "v");
        }
        CHECK(reads == 1);
    }
    CHECK(dump(0, sizeof(bytes)) == (sizeof(bytes) - sizeof(head)) / sizeof(packets[0]));
    CHECK(packets[0].ticks == packets[19].ticks && packets[20].ticks > packets[19].ticks);
    CHECK(packets_slow()->count == 0);
    /* What takes long is looked at meanwhile. */
    one(false, 2, 1, "/slow");
    pass(30);
    emulated = 30 * FEWEST_TICKS_PER_MILLISECOND;
    packets_time_passed();
    one(true, 2, 1, "v");
    CHECK(packets_slow()->count == 1);
    packets_stop();
    emulated = 0;
    packets_start(1 << 16);
    reads = 0;
    one(false, 2, 1, "/x");
    one(true, 2, 1, "v");
    CHECK(reads == 2);
    packets_stop();
}

int main(void) {
    RUN(what_went_over_comes_out);
    RUN(the_oldest_make_room);
    RUN(long_payloads_are_cut);
    RUN(without_memory_there_is_no_ring);
    RUN(the_tail_is_text);
    RUN(failures_are_told_once_a_minute);
    RUN(slow_requests_are_kept);
    RUN(an_emulated_counter_is_read_once_a_turn);
    return VERDICT;
}
