/*
 * Event channels over the FIFO ABI (public/event_channel.h): up to 131,071 ports. Events are polled
 * and never delivered, so nothing interrupts the program.
 */
#ifndef MINI_OS_EVENTS_H
#define MINI_OS_EVENTS_H

#include <mini-os/event_notify.h>
#include <stdbool.h>
#include <stdint.h>

struct handover_events;

/** Sets up the FIFO ABI and the timer. Panics on failure. */
void events_init(void);
/** What another image goes on with; and goes on, in place of events_init(). Xen knows the pages of
 * events until the domain ends. */
void events_leave(struct handover_events *to);
void events_continue(const struct handover_events *from);
/** These three return the local port, unmasked, or a negative Xen error number. */
int event_bind_interdomain(unsigned domid, unsigned remote_port);
int event_bind_virq(unsigned virq);
int event_alloc_unbound(unsigned remote_domid);
/** Unmasks a port that the domain builder has bound. */
void event_unmask(unsigned port);
/** Closes a port of any kind; Xen may reuse its number. */
void event_close(unsigned port);
/** The domain at the other end of an interdomain port; negative: not such a port. */
int event_remote_domain(unsigned port);
/** Takes the next pending port, and clears it; -1: none. */
int event_next(void);
/** Whether a port may be pending. */
bool event_waiting(void);
/** Sets the timer to a monotonic time in nanoseconds. An earlier deadline stays. */
void event_set_timer(uint64_t deadline_ns);
/** False: the timer was never set, or event_next() has taken its event. */
bool event_timer_is_set(void);
/** Blocks until an event is pending, or until a monotonic time in nanoseconds (0: no limit). */
void event_wait(uint64_t deadline_ns);

#endif
