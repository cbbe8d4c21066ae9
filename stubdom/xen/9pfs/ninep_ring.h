/*
 * The front end's side of a 9pfs ring (public/io/9pfs.h; docs/misc/9pfs.pandoc of Xen): a stream of
 * requests out, a stream of replies in. The backend is not trusted: its indexes are read once and
 * checked, its bytes are copied once.
 */
#ifndef STUBDOM_NINEP_RING_H
#define STUBDOM_NINEP_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/io/9pfs.h>

struct ninep_ring {
    struct xen_9pfs_data_intf *page; /* indexes and grant references */
    uint8_t *in, *out;
    uint32_t size;              /* bytes of each direction, a power of two */
    uint32_t in_cons, out_prod; /* our indexes; the page has copies for the backend */
};

/** Sets up a ring whose two directions share 2^order pages at `data`. All indexes begin at 0. */
void ninep_ring_start(struct ninep_ring *ring, struct xen_9pfs_data_intf *page, void *data,
                      unsigned order);
/** Goes on with a ring, at these indexes. */
void ninep_ring_continue(struct ninep_ring *ring, struct xen_9pfs_data_intf *page, void *data,
                         unsigned order, uint32_t in_cons, uint32_t out_prod);
/** Appends bytes without publishing them. False: they do not fit, or the index is bad. */
bool ninep_ring_put(struct ninep_ring *ring, const void *bytes, uint32_t length);
/** Publishes all appended bytes. */
void ninep_ring_publish(struct ninep_ring *ring);
/** Takes at most `room` bytes and returns their number; -1: the index is bad. */
int ninep_ring_take(struct ninep_ring *ring, void *bytes, uint32_t room);

#endif
