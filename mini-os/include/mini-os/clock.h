/* Time, from the vcpu's time record and the wall clock in the shared info page (public/xen.h). */
#ifndef MINI_OS_CLOCK_H
#define MINI_OS_CLOCK_H

#include <stdint.h>

/** Nanoseconds since Xen's boot; monotonic. */
uint64_t clock_monotonic_ns(void);
/**
 * The same, but the first call after a wake-up returns the time of that wake-up, which Xen has
 * recorded. This saves an exit if Xen emulates the time stamp counter.
 */
uint64_t clock_recent_ns(void);
/** Nanoseconds since 1970, UTC. */
uint64_t clock_wall_ns(void);

/** Registers the record in which Xen stores the time of each wake-up. Xen before 4.19 refuses. */
void clock_init(void);
/** To be called after each arch_idle(). */
void clock_woken(void);

/** Another image comes: Xen would go on to write into its memory. */
void clock_leave(void);

#endif
