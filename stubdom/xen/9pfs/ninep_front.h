/*
 * The front end of the 9pfs device (public/io/9pfs.h) that init-xenstore-domain of Xen 4.19 and
 * later gives a xenstore domain. It finds the device in its own store (own_client.h). The device
 * may appear late or never, and may restart; nothing waits for it.
 */
#ifndef STUBDOM_XEN_NINEP_FRONT_H
#define STUBDOM_XEN_NINEP_FRONT_H

#include "ninep_session.h"
#include <stdbool.h>

/** Starts to look for the device. */
void ninep_front_start(void);
#define NINEP_PATH_MOST 128
/* What another image needs to go on with the device. */
struct ninep_front_state {
    char backend[NINEP_PATH_MOST];
    int32_t state, page_reference, port, granted_to;
    uint64_t page, data; /* addresses */
    uint32_t in_cons, out_prod;
    struct ninep_session_state session;
};
/** False: not now (ninep_session_leave()). */
bool ninep_front_leave(struct ninep_front_state *to);
/** Goes on with the device, in place of ninep_front_start(). */
void ninep_front_continue(const struct ninep_front_state *from);
/** Handles an event. False: `port` is not the device's. */
bool ninep_front_event(int port);

#endif
