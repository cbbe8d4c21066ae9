/*
 * The front end of the 9pfs device (public/io/9pfs.h) that init-xenstore-domain of Xen 4.19 and
 * later gives a xenstore domain. It finds the device in its own store (own_client.h). The device
 * may appear late or never, and may restart; nothing waits for it.
 */
#ifndef STUBDOM_XEN_NINEP_FRONT_H
#define STUBDOM_XEN_NINEP_FRONT_H

#include <stdbool.h>

/** Starts to look for the device. */
void ninep_front_start(void);
/** Handles an event. False: `port` is not the device's. */
bool ninep_front_event(int port);

#endif
