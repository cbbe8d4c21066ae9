#include "ring_transport.h"
#include "engine/compiler.h"
#include "ring.h"
#include "ring_below.h"
#include "ring_ports.h"

static ALWAYS_INLINE int result_of(enum ring_status status, size_t moved) {
    if (!UNLIKELY(status != RING_OK))
        return moved;
    return status == RING_RECONNECT ? TRANSPORT_RESET : -LINK_RING_INDEX;
}

ALWAYS_INLINE int ring_transport_take(struct endpoint *endpoint, void *to, size_t room) {
    size_t taken;
    enum ring_status status = ring_take(endpoint->page, to, room, &taken);
    /* The guest may omit the notification for what it writes from now on: link_look() checks. */
    endpoint->drained = status == RING_OK && taken < room;
    return result_of(status, taken);
}

ALWAYS_INLINE unsigned ring_transport_look(const struct endpoint *endpoint, bool replies_wait) {
    unsigned news = ring_has_requests(endpoint->page) ? PEER_WROTE : 0;
    if (UNLIKELY(replies_wait) && ring_has_room(endpoint->page))
        news |= PEER_READ;
    return news;
}

ALWAYS_INLINE int ring_transport_put(struct endpoint *endpoint, const void *from, size_t length) {
    size_t done;
    enum ring_status status = ring_put(endpoint->page, from, length, &done);
    return result_of(status, done);
}

ALWAYS_INLINE bool ring_transport_stage(struct endpoint *endpoint, const struct header *header,
                                        const void *payload) {
    if (endpoint->staged == 0)
        endpoint->produced = ring_produced(endpoint->page);
    if (!ring_stage(endpoint->page, endpoint->produced, endpoint->staged, header, HEADER_SIZE,
                    payload, header->length))
        return false;
    endpoint->staged += HEADER_SIZE + header->length;
    return true;
}

ALWAYS_INLINE int ring_transport_publish(struct endpoint *endpoint) {
    uint32_t committed = endpoint->committed;
    endpoint->produced += committed;
    endpoint->staged -= committed;
    endpoint->committed = 0;
    return result_of(ring_publish(endpoint->page, endpoint->produced), committed);
}

ALWAYS_INLINE void ring_transport_notify(struct endpoint *endpoint) {
    below_notify(endpoint->port);
}

void ring_transport_reset(struct endpoint *endpoint) {
    ring_reset(endpoint->page);
}

void ring_transport_announce(struct endpoint *endpoint) {
    ring_announce(endpoint->page);
}

void ring_transport_set_features(struct endpoint *endpoint, uint32_t mask) {
    ring_set_features(endpoint->page, mask);
}

void ring_transport_shut(struct endpoint *endpoint, enum link_error error) {
    ring_set_error(endpoint->page, error);
    below_notify(endpoint->port);
}

void ring_transport_close(struct endpoint *endpoint) {
    ring_port_forget(endpoint->port);
    below_unbind(endpoint->port);
    /* At once: while a page is mapped, Xen cannot destroy its domain. */
    below_unmap(endpoint);
}

const struct transport ring_transport = {
    .take = ring_transport_take,
    .look = ring_transport_look,
    .put = ring_transport_put,
    .stage = ring_transport_stage,
    .publish = ring_transport_publish,
    .notify = ring_transport_notify,
    .reset = ring_transport_reset,
    .announce = ring_transport_announce,
    .set_features = ring_transport_set_features,
    .shut = ring_transport_shut,
    .close = ring_transport_close,
};
