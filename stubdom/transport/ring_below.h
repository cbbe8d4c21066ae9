/*
 * What links over rings need of what is below it: grants and event channels of the kernel (xen/),
 * or the devices of a Linux Dom0 (linux/).
 */
#ifndef STUBDOM_RING_BELOW_H
#define STUBDOM_RING_BELOW_H

#include "transport.h"

/** Maps the xenstore page of endpoint->domid, the own one included: page and handle are set. */
bool below_map(struct endpoint *endpoint);
void below_unmap(struct endpoint *endpoint);
/** The local port, which may fire from here on; negative: it failed. */
int below_bind(unsigned domid, unsigned remote_port);
void below_unbind(unsigned port);
void below_notify(unsigned port);

#endif
