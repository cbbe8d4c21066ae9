/* Event channels of a Linux Dom0, over /dev/xen/evtchn. */
#ifndef STUBDOM_LINUX_EVTCHN_H
#define STUBDOM_LINUX_EVTCHN_H

#include <stdint.h>

/** NULL, or why it cannot be opened. `fired` is told of each port; UINT32_MAX: all may have fired.
 */
const char *evtchn_start(void (*fired)(uint32_t port));
/** The local port, or -1. */
int evtchn_bind_interdomain(unsigned domid, unsigned remote_port);
int evtchn_bind_virq(unsigned virq);
void evtchn_unbind(unsigned port);
void evtchn_notify(unsigned port);

#endif
