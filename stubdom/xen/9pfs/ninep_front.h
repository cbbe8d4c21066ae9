/*
 * The 9pfs device that init-xenstore-domain gives a xenstore domain from Xen 4.19 on: its front end
 * (io/9pfs.h of Xen's public headers), whose own xenstore connection is to this server. It comes
 * late, never, or goes and comes back; nothing waits for it.
 */
#ifndef STUBDOM_XEN_NINEP_FRONT_H
#define STUBDOM_XEN_NINEP_FRONT_H

#include <stdbool.h>

/** Looks for the device from now on. */
void ninep_front_start(void);
/** Whether a port was the device's; what came over it is dealt with. */
bool ninep_front_event(int port);

#endif
