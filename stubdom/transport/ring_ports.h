/* The link of each local event channel port. */
#ifndef STUBDOM_RING_PORTS_H
#define STUBDOM_RING_PORTS_H

#include <stdbool.h>

/** Assigns a port to a link. False: no memory. Link -1 only makes the entry, so that the next call
 * cannot fail. */
bool ring_port_remember(unsigned port, int link);
/** The port must have an entry. */
void ring_port_forget(unsigned port);
/** -1: the port belongs to no link. */
int ring_port_link(unsigned port);
/** The number of entries; ports from this number on have none. */
unsigned ring_port_count(void);

#endif
