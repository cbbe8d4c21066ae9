/*
 * Grants and event channels, as the rings' links need them. Implemented in xen/ on the kernel and
 * in linux/ on the devices of Dom0.
 */
#ifndef STUBDOM_RING_BELOW_H
#define STUBDOM_RING_BELOW_H

#include "transport.h"

/** Maps the xenstore page of endpoint->domid, which may be this domain; sets page and handle. */
bool below_map(struct endpoint *endpoint);
void below_unmap(struct endpoint *endpoint);
/** Binds a port of a domain and returns the local port. Its events may come from now on. */
int below_bind(unsigned domid, unsigned remote_port);
void below_unbind(unsigned port);
/** Notifies the peer of a local port. */
void below_notify(unsigned port);

#endif
