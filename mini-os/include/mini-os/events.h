/*
 * Event channels, FIFO ABI: up to 131,071 ports. Events are taken, never delivered: nothing
 * interrupts the program.
 */
#ifndef MINI_OS_EVENTS_H
#define MINI_OS_EVENTS_H

#include <mini-os/event_notify.h>
#include <stdbool.h>
#include <stdint.h>

void events_init(void);
/** Each bind returns the local port, unmasked, or a negative Xen error. */
int event_bind_interdomain(unsigned domid, unsigned remote_port);
int event_bind_virq(unsigned virq);
int event_alloc_unbound(unsigned remote_domid);
/** Lets a port fire that whoever built the domain has bound. */
void event_unmask(unsigned port);
void event_close(unsigned port);
/** The domain at the other end of an interdomain port; negative: not such a port. */
int event_remote_domain(unsigned port);
/** The next port that fired, cleared; -1: none. */
int event_next(void);
/** Whether there may be one. */
bool event_waiting(void);
/** The timer fires at this monotonic time (ns), or before it where it is set already. */
void event_set_timer(uint64_t deadline_ns);
/** False: the timer was never set, or event_next() took its event since. */
bool event_timer_is_set(void);
/** Blocks until a port fires or the monotonic time (ns, 0: none) is reached. */
void event_wait(uint64_t deadline_ns);

#endif
