/* Which link an event channel's port belongs to. */
#ifndef STUBDOM_RING_PORTS_H
#define STUBDOM_RING_PORTS_H

#include <stdbool.h>

/** False: no memory. Link -1 makes the port's place, and says that it is none's yet. */
bool ring_port_remember(unsigned port, int link);
/** Of a port that was remembered. */
void ring_port_forget(unsigned port);
/** -1: it is no link's. */
int ring_port_link(unsigned port);
/** One more than the highest port that has a place. */
unsigned ring_port_count(void);

#endif
