/* Time, from the vcpu's time record and the wall clock in the shared info page. */
#ifndef MINI_OS_CLOCK_H
#define MINI_OS_CLOCK_H

#include <stdint.h>

/** Nanoseconds since Xen's boot, never backwards. */
uint64_t clock_monotonic_ns(void);
/**
 * The same for less, where reading the processor's counter is an exit to Xen: what is asked first
 * after a wake-up is answered with the time of that wake-up, which Xen has written down.
 */
uint64_t clock_recent_ns(void);
/** Nanoseconds since 1970, UTC. */
uint64_t clock_wall_ns(void);

/** At the start: asks Xen to write down when it lets the vcpu run. Before Xen 4.19 it does not. */
void clock_init(void);
/** The vcpu has slept and runs again. */
void clock_woken(void);

#endif
