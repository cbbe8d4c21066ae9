/*
 * Access to a xenstore ring page (struct xenstore_domain_interface, public/io/xs_wire.h). The page
 * is shared with a guest that may write anything into it at any time: each index is read once and
 * checked, and only the copy is used. No function makes a hypercall or system call.
 */
#ifndef STUBDOM_RING_H
#define STUBDOM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xenstore_domain_interface;

enum ring_status {
    RING_OK,
    RING_BAD_INDEX, /* more bytes between the indexes than the ring holds */
    RING_RECONNECT, /* the guest asked for a reconnection */
};

/** Whether the guest has written requests, or asks for a reconnection. */
bool ring_has_requests(const struct xenstore_domain_interface *page);
/** Whether there is room for replies. True for bad indexes too: ring_put() then fails. */
bool ring_has_room(const struct xenstore_domain_interface *page);
/** Consumes requests: copies *taken bytes to `to`, at most `room`. */
enum ring_status ring_take(struct xenstore_domain_interface *page, void *to, size_t room,
                           size_t *taken);
/** Copies *put bytes, as many as fit, into the ring and publishes them. */
enum ring_status ring_put(struct xenstore_domain_interface *page, const void *from, size_t length,
                          size_t *put);
/**
 * Copies two pieces behind rsp_prod (`produced`) and `staged` more bytes, and does not publish
 * them. False: no room for both, or the indexes are bad.
 */
bool ring_stage(struct xenstore_domain_interface *page, uint32_t produced, uint32_t staged,
                const void *first, uint32_t first_length, const void *second,
                uint32_t second_length);
/** rsp_prod */
uint32_t ring_produced(const struct xenstore_domain_interface *page);
/** Sets rsp_prod to `produced`, which publishes what was staged before it. */
enum ring_status ring_publish(struct xenstore_domain_interface *page, uint32_t produced);
/** Zeroes indexes and error, and sets the state to connected. */
void ring_reset(struct xenstore_domain_interface *page);
/** Sets the state to connected; indexes and bytes stay. */
void ring_announce(struct xenstore_domain_interface *page);
/** Whether the guest has set the state to "reconnect". */
bool ring_wants_reconnect(const struct xenstore_domain_interface *page);
/** Write the fields server_features and error. */
void ring_set_features(struct xenstore_domain_interface *page, uint32_t mask);
void ring_set_error(struct xenstore_domain_interface *page, uint32_t error);
/** The event channel that the domain's builder stored in the page (dom0less); 0: none. */
uint32_t ring_own_port(const struct xenstore_domain_interface *page);

#endif
