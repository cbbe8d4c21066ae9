/* What is measured of the daemon and of the clock. */
#ifndef BENCH_METER_H
#define BENCH_METER_H

/** The daemon's process id; 0: it is in another domain, and only the clock is read. */
extern int daemon_pid;

/** Seconds on a clock that only goes forward. */
double clock_now(void);
/** CPU seconds that the daemon has used, once it has come to rest. */
double daemon_cpu(void);
/** The same at this moment, while it works. */
double daemon_clock(void);
/** From here on the caller runs as soon as it can, where that is allowed. */
void meter_hurry(void);
/** Resident bytes of the daemon. */
double daemon_memory(void);

#endif
