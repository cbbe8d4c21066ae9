/* Links over the xenstore pages of domains. */
#ifndef STUBDOM_RING_LINK_H
#define STUBDOM_RING_LINK_H

#include <stdbool.h>

/** As platform_open() and platform_rebind(). */
int ring_link_open(unsigned domid, unsigned port);
bool ring_link_rebind(int link, unsigned port);
/** As ring_link_open(), with a local port that is bound already to `remote`. It stays bound after a
 * failure. */
int ring_link_adopt(unsigned domid, unsigned local, unsigned remote);
/** The same, with a page that is mapped already: domid, page, handle, port and remote are given. */
struct endpoint;
int ring_link_continue(struct endpoint *endpoint);
/** Handles an event of a local port. False: the port belongs to no link. */
bool ring_links_event(unsigned port);
/** Handles events that were lost: every port may have had one. */
void ring_links_event_all(void);

#endif
