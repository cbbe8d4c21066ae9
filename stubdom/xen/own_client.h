/*
 * The stub domain as a client of its own xenstore: the other end of its own ring,
 * in the same program. What the domain needs of the store goes this way, like
 * any guest's needs do.
 */
#ifndef STUBDOM_XEN_OWN_CLIENT_H
#define STUBDOM_XEN_OWN_CLIENT_H

/** Asks for the own path and says on the console that the own ring is served. */
void own_client_start(void);
/** The client's port, boot.store_port, fired. */
void own_client_event(void);

#endif
