#include "ninep_ring.h"

void ninep_ring_continue(struct ninep_ring *ring, struct xen_9pfs_data_intf *page, void *data,
                         unsigned order, uint32_t in_cons, uint32_t out_prod) {
    *ring = (struct ninep_ring){.page = page,
                                .in = data,
                                .size = XEN_FLEX_RING_SIZE(order),
                                .in_cons = in_cons,
                                .out_prod = out_prod};
    ring->out = ring->in + ring->size;
}

void ninep_ring_start(struct ninep_ring *ring, struct xen_9pfs_data_intf *page, void *data,
                      unsigned order) {
    ninep_ring_continue(ring, page, data, order, 0, 0);
    page->in_cons = page->in_prod = page->out_cons = page->out_prod = 0;
    page->ring_order = order;
}

/* The part of `length` bytes from an index on that lies before the end of the ring. */
static uint32_t until_end(const struct ninep_ring *ring, uint32_t index, uint32_t length) {
    uint32_t end = ring->size - (index & (ring->size - 1));
    return length < end ? length : end;
}

bool ninep_ring_put(struct ninep_ring *ring, const void *bytes, uint32_t length) {
    uint32_t used = ring->out_prod - __atomic_load_n(&ring->page->out_cons, __ATOMIC_ACQUIRE);
    if (used > ring->size || length > ring->size - used)
        return false;
    uint32_t part = until_end(ring, ring->out_prod, length);
    memcpy(ring->out + (ring->out_prod & (ring->size - 1)), bytes, part);
    memcpy(ring->out, (const uint8_t *)bytes + part, length - part);
    ring->out_prod += length;
    return true;
}

void ninep_ring_publish(struct ninep_ring *ring) {
    /* The bytes must be visible before the index. */
    __atomic_store_n(&ring->page->out_prod, ring->out_prod, __ATOMIC_RELEASE);
}

int ninep_ring_take(struct ninep_ring *ring, void *bytes, uint32_t room) {
    uint32_t length = __atomic_load_n(&ring->page->in_prod, __ATOMIC_ACQUIRE) - ring->in_cons;
    if (length > ring->size)
        return -1;
    if (length > room)
        length = room;
    uint32_t part = until_end(ring, ring->in_cons, length);
    memcpy(bytes, ring->in + (ring->in_cons & (ring->size - 1)), part);
    memcpy((uint8_t *)bytes + part, ring->in, length - part);
    ring->in_cons += length;
    /* Copy the bytes before their room is released. */
    __atomic_store_n(&ring->page->in_cons, ring->in_cons, __ATOMIC_RELEASE);
    return length;
}
