/*
 * Test mode: domains without Xen. An introduced domain N is a stream socket,
 * DIR/N.sock, on which one client at a time speaks the wire protocol as that
 * domain. Every domid counts as existing until it is destroyed.
 */
#ifndef STUBDOM_POSIX_SIMULATE_H
#define STUBDOM_POSIX_SIMULATE_H

#include "../platform.h"

/** NULL, or why the directory cannot be used. It is made if it is missing. */
const char *simulate_start(const char *directory);
void simulate_stop(void);
/** To be called before each wait: clients that went away make room for others. */
void simulate_tidy(void);

int simulate_open(unsigned domid);
void simulate_domain(unsigned domid, struct domain_info *info);
int simulate_changed(struct domain_info *infos, int most);
/** Puts a domain into a state: 0 destroys it, DOMAIN_EXIST alone is a new instance. */
bool simulate_state(unsigned domid, unsigned state);

#endif
