#include "packets.h"
#include "engine/word_ops.h"
#include "stubdom/platform.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define FEWEST 16
#define FAILURE_PAUSE 60000.0
#define FAILURE_PACKETS 32
/* A request that is not slow by this rate is not slow by the real one. */
#define FEWEST_TICKS_PER_MILLISECOND PACKETS_LEAST
/* Ticks. A processor reads its counter in far less; a hypervisor that emulates it needs more. */
#define DEAR_TICKS 2000

static struct packet *ring HOT_DATA;
static uint64_t mask HOT_DATA, next_number HOT_DATA;
static uint64_t last_ticks HOT_DATA;
static uint64_t first_ticks;
static double first_now;
static bool dear HOT_DATA;   /* the counter is emulated: a read costs half as much as a request */
static bool recent HOT_DATA; /* last_ticks is used until packets_time_passed() */

/* The last request. */
static struct {
    int link;
    uint32_t request_id;
    uint64_t ticks, number;
} served HOT_DATA;

static double slow_after = 10;
static uint64_t slow_ticks HOT_DATA;
static struct slow_requests slow;

static bool is_dear(void) {
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 4; i++) {
        uint64_t from = __builtin_ia32_rdtsc(), took = __builtin_ia32_rdtsc() - from;
        if (took < least)
            least = took;
    }
    return least > DEAR_TICKS;
}

static double ticks_per_millisecond(void) {
    double milliseconds = platform_now() - first_now;
    uint64_t ticks = platform_ticks() - first_ticks;
    return milliseconds > 0 && ticks > 0 ? ticks / milliseconds : FEWEST_TICKS_PER_MILLISECOND;
}

static uint64_t oldest(void) {
    return next_number > mask ? next_number - mask - 1 : 0;
}

unsigned packets_start(size_t memory) {
    size_t count = FEWEST;
    packets_stop();
    dear = is_dear();
    recent = false;
    packets_slow_after(slow_after);
    first_ticks = last_ticks = platform_ticks();
    first_now = platform_now();
    if (memory < FEWEST * sizeof(*ring))
        return 0;
    while (2 * count * sizeof(*ring) <= memory)
        count *= 2;
    ring = calloc(count, sizeof(*ring));
    mask = ring ? count - 1 : 0;
    return ring ? count : 0;
}

void packets_stop(void) {
    free(ring);
    ring = NULL;
    mask = next_number = 0;
    served.link = -1;
    memset(&slow, 0, sizeof(slow));
}

_Static_assert(PACKET_KEPT <= LINK_SLACK, "what is behind a payload is kept with it");

static ALWAYS_INLINE void look_at_counter(void) {
    if (recent)
        return;
    last_ticks = platform_ticks();
    recent = dear;
}

static ALWAYS_INLINE void keep(int link, int domid, bool out, const struct header *header,
                               const char *payload) {
    look_at_counter();
    if (!ring)
        return;
    struct packet *packet = &ring[next_number++ & mask];
    packet->ticks = last_ticks;
    packet->link = link;
    packet->domid = domid;
    packet->out = out;
    packet->header = *header;
    if (!out)
        memcpy(packet->payload, payload, PACKET_KEPT);
    else
        copy_by_words(packet->payload, payload,
                      header->length < PACKET_KEPT ? header->length : PACKET_KEPT);
}

ALWAYS_INLINE void packets_in(int link, int domid, const struct header *header,
                              const char *payload) {
    served.link = link;
    served.request_id = header->request_id;
    served.number = next_number;
    keep(link, domid, false, header, payload);
    served.ticks = last_ticks;
}

/* The reply is slow by the least rate of ticks; checks it by the real rate. */
static COLD void look_closer(int domid, const struct header *header) {
    double took = (last_ticks - served.ticks) / ticks_per_millisecond();
    if (took < slow_after)
        return;
    struct slow_request *one = &slow.last[slow.count++ % SLOW_KEPT];
    memset(one, 0, sizeof(*one));
    /* Its events may have overwritten its slot. */
    if (ring && served.number >= oldest())
        one->request = ring[served.number & mask];
    else
        one->request =
            (struct packet){.link = served.link, .domid = domid, .header = {header->type, 0, 0, 0}};
    one->milliseconds = took;
    one->wall_clock = platform_wall_clock();
}

ALWAYS_INLINE void packets_out(int link, int domid, const struct header *header,
                               const char *payload) {
    keep(link, domid, true, header, payload);
    if ((link ^ served.link) | (header->request_id ^ served.request_id) |
        (header->type == XS_WATCH_EVENT))
        return;
    served.link = -1;
    if (last_ticks - served.ticks >= slow_ticks)
        look_closer(domid, header);
}

size_t packets_dump(uint64_t from, void *to, size_t room) {
    struct packets_header header = {.version = PACKETS_VERSION,
                                    .slot = sizeof(*ring),
                                    .ticks = platform_ticks(),
                                    .wall_clock = platform_wall_clock(),
                                    .ticks_per_second = ticks_per_millisecond() * 1000,
                                    .recorded = next_number};
    char *at = (char *)to + sizeof(header);
    if (room < sizeof(header))
        return 0;
    memcpy(header.magic, PACKETS_MAGIC, sizeof(header.magic));
    header.first = from < oldest() ? oldest() : from;
    header.end = header.first;
    while (header.end < next_number && at + sizeof(*ring) <= (char *)to + room) {
        memcpy(at, &ring[header.end++ & mask], sizeof(*ring));
        at += sizeof(*ring);
    }
    memcpy(to, &header, sizeof(header));
    return at - (char *)to;
}

const char *packets_save(const char *path) {
    char bytes[PAYLOAD_MAX];
    size_t end = offsetof(struct packets_header, end);
    struct packets_header header;
    const char *wrong = platform_file_begin(path);

    packets_dump(0, bytes, sizeof(header));
    memcpy(&header, bytes, sizeof(header));
    header.end = next_number;
    if (!wrong)
        wrong = platform_file_add((const char *)&header, sizeof(header));
    for (uint64_t from = header.first; !wrong && from < header.end;) {
        size_t size = packets_dump(from, bytes, sizeof(bytes));
        memcpy(&from, bytes + end, sizeof(from));
        wrong = platform_file_add(bytes + sizeof(header), size - sizeof(header));
    }
    return wrong ? wrong : platform_file_end(true);
}

double packets_uptime(void) {
    return platform_now() - first_now;
}

size_t packets_memory(void) {
    return ring ? (mask + 1) * sizeof(*ring) : 0;
}

/* "packet NUMBER MICROSECONDS-AGO LINK DOMID in|out TYPE REQUEST TRANSACTION LENGTH BYTES" */
static void tell_one(uint64_t number, double per_ms, void (*tell)(const char *, size_t)) {
    static const char digits[] = "0123456789abcdef";
    const struct packet *packet = &ring[number & mask];
    const struct header *header = &packet->header;
    char line[160 + 2 * PACKET_KEPT];
    int size = snprintf(line, sizeof(line), "packet %llu %llu %u %u %s %u %u %u %u ",
                        (unsigned long long)number,
                        (unsigned long long)((last_ticks - packet->ticks) / per_ms * 1000),
                        packet->link, packet->domid, packet->out ? "out" : "in", header->type,
                        header->request_id, header->transaction_id, header->length);
    for (uint32_t i = 0; i < header->length && i < PACKET_KEPT; i++) {
        line[size++] = digits[(unsigned char)packet->payload[i] >> 4];
        line[size++] = digits[packet->payload[i] & 15];
    }
    tell(line, size);
}

void packets_tail(unsigned count, void (*tell)(const char *line, size_t length)) {
    double per_ms = ticks_per_millisecond();
    uint64_t from = next_number > count ? next_number - count : 0;
    if (!ring)
        return;
    for (uint64_t n = from < oldest() ? oldest() : from; n < next_number; n++)
        tell_one(n, per_ms, tell);
}

void packets_after_failure(void) {
    static double last = -FAILURE_PAUSE;
    double now = platform_now();
    if (now - last < FAILURE_PAUSE)
        return;
    last = now;
    packets_tail(FAILURE_PACKETS, platform_log);
}

void packets_slow_after(double milliseconds) {
    slow_after = milliseconds;
    slow_ticks = milliseconds * FEWEST_TICKS_PER_MILLISECOND;
}

const struct slow_requests *packets_slow(void) {
    return &slow;
}

double packets_age(uint64_t ticks) {
    return ticks ? (platform_ticks() - ticks) / ticks_per_millisecond() : 0;
}

ALWAYS_INLINE uint64_t packets_ticks(void) {
    return last_ticks;
}

uint64_t packets_ticks_now(void) {
    look_at_counter();
    return last_ticks;
}

double packets_milliseconds(uint64_t ticks) {
    return ticks / ticks_per_millisecond();
}

ALWAYS_INLINE void packets_time_passed(void) {
    recent = false;
}
