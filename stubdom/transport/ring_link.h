/* Links over the xenstore pages of domains. */
#ifndef STUBDOM_RING_LINK_H
#define STUBDOM_RING_LINK_H

#include <stdbool.h>

int ring_link_open(unsigned domid, unsigned port);
bool ring_link_rebind(int link, unsigned port);
/** A port fired. False: it is no link's. */
bool ring_links_event(unsigned port);
/** It is not known which ports fired: all may have. */
void ring_links_event_all(void);

#endif
