/* Event channels of a Linux Dom0, over /dev/xen/evtchn. */
#ifndef STUBDOM_LINUX_EVTCHN_H
#define STUBDOM_LINUX_EVTCHN_H

#include <stdint.h>

/** Opens the device, or goes on with the open one of `inherited` (-1: none) and its bound ports.
 * `fired` is called with each port that has an event; UINT32_MAX: events were lost, any port may
 * have one. */
const char *evtchn_start(void (*fired)(uint32_t port), int inherited);
/** The number of the descriptor; -1: there is none. */
int evtchn_fd(void);
/** Both return the local port, or -1 with errno. */
int evtchn_bind_interdomain(unsigned domid, unsigned remote_port);
int evtchn_bind_virq(unsigned virq);
void evtchn_unbind(unsigned port);
void evtchn_notify(unsigned port);

#endif
