/*
 * The front end's side of a ring of the 9pfs transport (io/9pfs.h of Xen's public headers; "Xen
 * transport for 9pfs version 1"): requests go out, replies come in, both as bare bytes. The other
 * side is not trusted: its indexes are read once and checked, its bytes are copied once.
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
    uint32_t size; /* bytes of each half, a power of two */
    uint32_t in_cons, out_prod;
};

/** Both halves are in 2^order pages at `data`. Indexes begin at 0, as the other side expects. */
void ninep_ring_start(struct ninep_ring *ring, struct xen_9pfs_data_intf *page, void *data,
                      unsigned order);
/** Puts bytes behind what is there, unseen by the other side. False: there is no room for all. */
bool ninep_ring_put(struct ninep_ring *ring, const void *bytes, uint32_t length);
/** The other side may see what was put. */
void ninep_ring_publish(struct ninep_ring *ring);
/** Takes at most so many bytes. Returns how many; -1: the index is nonsense. */
int ninep_ring_take(struct ninep_ring *ring, void *bytes, uint32_t room);

#endif
