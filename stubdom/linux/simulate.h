/*
 * Test mode: domains without Xen. An introduced domain N is a stream socket,
 * DIR/N.sock, on which one client at a time speaks the wire protocol as that
 * domain. Every domid counts as existing until it is destroyed.
 */
#ifndef STUBDOM_LINUX_SIMULATE_H
#define STUBDOM_LINUX_SIMULATE_H

#include "stubdom/platform.h"

/** NULL, or why the directory cannot be used. It is made if it is missing. */
const char *simulate_start(const char *directory);
/** Puts a domain into a state: 0 destroys it, DOMAIN_EXIST alone is a new instance. */
bool simulate_state(unsigned domid, unsigned state);

#endif
