/* Time, from the vcpu's time record and the wall clock in the shared info page. */
#ifndef MINI_OS_CLOCK_H
#define MINI_OS_CLOCK_H

#include <stdint.h>

/** Nanoseconds since Xen's boot, never backwards. */
uint64_t clock_monotonic_ns(void);
/** Nanoseconds since 1970, UTC. */
uint64_t clock_wall_ns(void);

#endif
