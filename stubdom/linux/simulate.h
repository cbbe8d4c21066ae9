/*
 * Test mode: domains without Xen. For an introduced domain N there is a stream socket, DIR/N.sock,
 * on which one client at a time speaks the wire protocol as that domain. Every domid counts as an
 * existing domain until it is destroyed.
 */
#ifndef STUBDOM_LINUX_SIMULATE_H
#define STUBDOM_LINUX_SIMULATE_H

#include "stubdom/platform.h"

/** Uses a directory for the sockets, and makes it if it is missing. */
const char *simulate_start(const char *directory);
/** As platform_config.simulate: 0 destroys a domain, DOMAIN_EXIST alone creates a new one. */
bool simulate_state(unsigned domid, unsigned state);

#endif
