/*
 * Writes into memory which the daemon reads, between begin and end, as a guest with two processors
 * can: a second thread, all the time, or, so that each moment is met and can be played again, this
 * thread in front of each access that ring.c and ring_transport.c make
 * (-fsanitize-coverage=trace-loads).
 */
#ifndef FUZZ_SCRIBBLER_H
#define FUZZ_SCRIBBLER_H

#include <stdbool.h>
#include <stdint.h>

#define SCRIBBLES 16
#define SCRIBBLED_PAGE 4096

struct scribble {
    volatile uint8_t *at;
    uint32_t value;
    uint8_t width; /* 1 or 4 bytes */
    uint8_t adds;  /* the value is added to what is there */
    uint8_t after; /* accesses that come before it; a thread does not count them */
};

/**
 * The list stays as it is until scribbler_end(). With a thread, this returns when it writes
 * already; without, the next of the list is written in front of each access to a page of the list.
 */
void scribbler_begin(const struct scribble *list, unsigned count, bool thread);
/** Returns when it writes no more. */
void scribbler_end(void);

#endif
