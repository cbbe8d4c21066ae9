/* Links over the xenstore pages of domains. */
#ifndef STUBDOM_XEN_RING_LINK_H
#define STUBDOM_XEN_RING_LINK_H

#include <stdbool.h>

void ring_links_init(int own_domid);
int ring_link_open(unsigned domid, unsigned port);
bool ring_link_rebind(int link, unsigned port);
/** A port fired. */
void ring_links_event(unsigned port);

#endif
