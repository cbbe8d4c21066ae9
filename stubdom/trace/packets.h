/*
 * The last packets of all links, in a ring of memory of its own, outside the engine's heap; and the
 * requests that took long. Written at each message, so it costs a few dozen instructions: times are
 * ticks of the platform's counter, which only a reader turns into seconds.
 */
#ifndef STUBDOM_PACKETS_H
#define STUBDOM_PACKETS_H

#include "stubdom/message.h"

/* Of a payload so much is kept. */
#define PACKET_KEPT 64
#define SLOW_KEPT 8

/** One slot, as a dump has it; all numbers are little-endian. */
struct packet {
    uint64_t ticks;
    uint32_t link;
    uint16_t domid;
    uint16_t out; /* 0: a request; 1: a reply or an event */
    struct header header;
    char payload[PACKET_KEPT];
};

#define PACKETS_MAGIC "XSTSPKTS"
#define PACKETS_VERSION 1

/** What leads a dump; packets follow, `end - first` of them. */
struct packets_header {
    char magic[8];
    uint32_t version;
    uint32_t slot; /* bytes of a packet */
    uint64_t first, end;
    uint64_t ticks; /* now, and the same moment in seconds since 1970 */
    double wall_clock;
    double ticks_per_second;
    uint64_t recorded; /* since the start */
};

/** Bytes for the ring; with too few for a handful there is none. Returns how many packets it holds.
 */
unsigned packets_start(size_t memory);
void packets_stop(void);
/** LINK_SLACK follows what came in: as much of it as PACKET_KEPT says is copied in any case. */
void packets_in(int link, int domid, const struct header *, const char *payload);
void packets_out(int link, int domid, const struct header *, const char *payload);
/** A dump of the packets from number `from` on, as many as there is room for. Returns its bytes. */
size_t packets_dump(uint64_t from, void *to, size_t room);
/** A dump of all into a file. A text is why it cannot be; NULL: it is there. */
const char *packets_save(const char *path);
size_t packets_memory(void);
/** Milliseconds since packets_start. */
double packets_uptime(void);
/** Tells the last ones, a line each, oldest first. No allocation: the program may be dying. */
void packets_tail(unsigned count, void (*tell)(const char *line, size_t length));
/** After a failure: the last ones to the log, once a minute at most. */
void packets_after_failure(void);

/** A request that was answered later than after so many milliseconds; 10 unless told otherwise. */
struct slow_request {
    struct packet request;
    double milliseconds, wall_clock;
};
struct slow_requests {
    unsigned long count; /* all of them; the last SLOW_KEPT are kept, number n at n % SLOW_KEPT */
    struct slow_request last[SLOW_KEPT];
};
void packets_slow_after(double milliseconds);
const struct slow_requests *packets_slow(void);
/** Milliseconds since a time in ticks. */
double packets_age(uint64_t ticks);
/** The time of the last message: a link's idea of when it was heard. */
uint64_t packets_ticks(void);
/** The same, of now: for who may have worked long since. */
uint64_t packets_ticks_now(void);
/** So many ticks in milliseconds; with fewer than PACKETS_LEAST for each it is less, for certain.
 */
#define PACKETS_LEAST 1000000
double packets_milliseconds(uint64_t ticks);
/**
 * Once a turn, and while the program works for long. Where a hypervisor emulates the counter,
 * messages between two of these calls have one time.
 */
void packets_time_passed(void);

#endif
