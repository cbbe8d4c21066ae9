/*
 * The packet trace: the last packets of all links, in a ring buffer outside the engine's heap, and
 * the slow requests. It runs for each message, so times are ticks of platform_ticks(), which are
 * converted only when they are read.
 */
#ifndef STUBDOM_PACKETS_H
#define STUBDOM_PACKETS_H

#include "stubdom/message.h"

/* Bytes of each payload that are kept. */
#define PACKET_KEPT 64
/* Slow requests that are kept. */
#define SLOW_KEPT 8

/** One packet, in memory and in a dump; little-endian. */
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

/** The header of a dump; `end - first` packets follow. */
struct packets_header {
    char magic[8];
    uint32_t version;
    uint32_t slot;       /* bytes of a packet */
    uint64_t first, end; /* numbers of packets, from 0 at the start */
    uint64_t ticks;      /* the time of the dump */
    double wall_clock;   /* the same time in seconds since 1970 */
    double ticks_per_second;
    uint64_t recorded; /* packets since the start */
};

/**
 * Allocates the ring buffer, of at most `memory` bytes. Returns the number of packets that it
 * holds; 0: too few bytes, or no memory, and nothing is traced.
 */
unsigned packets_start(size_t memory);
/** Frees the ring buffer, and forgets slow requests. */
void packets_stop(void);
/** Records a request. PACKET_KEPT bytes of `payload` must be readable, whatever its length is. */
void packets_in(int link, int domid, const struct header *, const char *payload);
/** Records a reply or an event. */
void packets_out(int link, int domid, const struct header *, const char *payload);
/** Writes a dump of the packets from number `from` on, as many as fit. Returns its bytes. */
size_t packets_dump(uint64_t from, void *to, size_t room);
/** Writes a dump of all packets to a file. */
const char *packets_save(const char *path);
/** Bytes of the ring buffer. */
size_t packets_memory(void);
/** Milliseconds since packets_start(). */
double packets_uptime(void);
/** Passes the last `count` packets to `tell`, one line each, oldest first. It allocates nothing, so
 * it also works after a failure. */
void packets_tail(unsigned count, void (*tell)(const char *line, size_t length));
/** Logs the last packets, at most once a minute. */
void packets_after_failure(void);

/** A slow request: its reply took longer than packets_slow_after() says, 10 ms by default. */
struct slow_request {
    struct packet request;
    double milliseconds, wall_clock; /* duration; end in seconds since 1970 */
};
struct slow_requests {
    unsigned long count; /* since the start; number n is at n % SLOW_KEPT */
    struct slow_request last[SLOW_KEPT];
};
/** Sets the time from which on a request counts as slow. */
void packets_slow_after(double milliseconds);
const struct slow_requests *packets_slow(void);
/** Milliseconds since a time in ticks. */
double packets_age(uint64_t ticks);
/** The time of the last message, in ticks. */
uint64_t packets_ticks(void);
/** The present time, in ticks. */
uint64_t packets_ticks_now(void);
/** No platform has fewer ticks in a millisecond: a quick check before packets_milliseconds(). */
#define PACKETS_LEAST 1000000
double packets_milliseconds(uint64_t ticks);
/**
 * Lets the counter be read again. Called once a turn, and while the program works for long. If a
 * hypervisor emulates the counter, all messages between two calls have the same time.
 */
void packets_time_passed(void);

#endif
