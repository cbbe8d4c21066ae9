/*
 * Arithmetic of a xenstore ring page (io/xs_wire.h of Xen's public headers).
 * The page is shared with a guest that may write anything into it at any time:
 * an index is read once, checked, and only the copy is used. No system call here.
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

/** Whether the guest has written requests, or wants a new start. Consumes nothing. */
bool ring_has_requests(const struct xenstore_domain_interface *page);
/** Whether the guest has left room for replies. True for bad indexes too: ring_put() tells. */
bool ring_has_room(const struct xenstore_domain_interface *page);
/** Copies at most `room` bytes of requests out; *taken says how many. Consumes them. */
enum ring_status ring_take(struct xenstore_domain_interface *page, void *to, size_t room,
                           size_t *taken);
/** Copies as much as fits in; *put says how many bytes. */
enum ring_status ring_put(struct xenstore_domain_interface *page, const void *from, size_t length,
                          size_t *put);
/**
 * Copies two pieces to where they will be once the ring is published up to `produced` + `staged`,
 * which it is not yet. False: there is no room for them, or the indexes are bad.
 */
bool ring_stage(struct xenstore_domain_interface *page, uint32_t produced, uint32_t staged,
                const void *first, uint32_t first_length, const void *second,
                uint32_t second_length);
/** The index that is published now. */
uint32_t ring_produced(const struct xenstore_domain_interface *page);
/** Promises what was staged. */
enum ring_status ring_publish(struct xenstore_domain_interface *page, uint32_t produced);
/** Zeroes indexes and error, and tells the guest that the connection stands. */
void ring_reset(struct xenstore_domain_interface *page);
/** Tells the guest that the connection stands; what is in the ring stays. */
void ring_announce(struct xenstore_domain_interface *page);
bool ring_wants_reconnect(const struct xenstore_domain_interface *page);
void ring_set_features(struct xenstore_domain_interface *page, uint32_t mask);
void ring_set_error(struct xenstore_domain_interface *page, uint32_t error);
/** The page's own event channel, put there by who built the domain; 0: none. */
uint32_t ring_own_port(const struct xenstore_domain_interface *page);

#endif
