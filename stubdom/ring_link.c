#include "ring_link.h"
#include "engine/compiler.h"
#include "ring.h"
#include "ring_below.h"
#include <stdlib.h>
#include <string.h>

/* Which link a port belongs to, -1: none. As many ports as the highest that was bound; the first
 * are hot. */
static int32_t few_ports[64] HOT_DATA;
static int32_t *link_of_port HOT_DATA;
static unsigned ports HOT_DATA;

static ALWAYS_INLINE int result_of(enum ring_status status, size_t moved) {
    if (!UNLIKELY(status != RING_OK))
        return moved;
    return status == RING_RECONNECT ? TRANSPORT_RESET : -LINK_RING_INDEX;
}

ALWAYS_INLINE int ring_link_take(struct endpoint *endpoint, void *to, size_t room) {
    size_t taken;
    enum ring_status status = ring_take(endpoint->page, to, room, &taken);
    /* The guest need not send an event for what it writes from now on: link_look() looks again. */
    endpoint->drained = status == RING_OK && taken < room;
    return result_of(status, taken);
}

ALWAYS_INLINE unsigned ring_link_look(const struct endpoint *endpoint, bool replies_wait) {
    unsigned news = ring_has_requests(endpoint->page) ? PEER_WROTE : 0;
    if (UNLIKELY(replies_wait) && ring_has_room(endpoint->page))
        news |= PEER_READ;
    return news;
}

ALWAYS_INLINE int ring_link_put(struct endpoint *endpoint, const void *from, size_t length) {
    size_t done;
    enum ring_status status = ring_put(endpoint->page, from, length, &done);
    return result_of(status, done);
}

ALWAYS_INLINE bool ring_link_stage(struct endpoint *endpoint, const struct header *header,
                                   const void *payload) {
    if (endpoint->staged == 0)
        endpoint->produced = ring_produced(endpoint->page);
    if (!ring_stage(endpoint->page, endpoint->produced, endpoint->staged, header, HEADER_SIZE,
                    payload, header->length))
        return false;
    endpoint->staged += HEADER_SIZE + header->length;
    return true;
}

ALWAYS_INLINE int ring_link_publish(struct endpoint *endpoint) {
    uint32_t counted = endpoint->counted;
    endpoint->produced += counted;
    endpoint->staged -= counted;
    endpoint->counted = 0;
    return result_of(ring_publish(endpoint->page, endpoint->produced), counted);
}

ALWAYS_INLINE void ring_link_notify(struct endpoint *endpoint) {
    below_notify(endpoint->port);
}

void ring_link_reset(struct endpoint *endpoint) {
    ring_reset(endpoint->page);
}

void ring_link_announce(struct endpoint *endpoint) {
    ring_announce(endpoint->page);
}

void ring_link_set_features(struct endpoint *endpoint, uint32_t mask) {
    ring_set_features(endpoint->page, mask);
}

void ring_link_shut(struct endpoint *endpoint, enum link_error error) {
    ring_set_error(endpoint->page, error);
    below_notify(endpoint->port);
}

static void forget_port(struct endpoint *endpoint) {
    link_of_port[endpoint->port] = -1;
    below_unbind(endpoint->port);
}

void ring_link_close(struct endpoint *endpoint) {
    forget_port(endpoint);
    /* At once: a page that stays mapped keeps its domain from going away. */
    below_unmap(endpoint);
}

static const struct transport ring_transport = {
    .take = ring_link_take,
    .look = ring_link_look,
    .put = ring_link_put,
    .stage = ring_link_stage,
    .publish = ring_link_publish,
    .notify = ring_link_notify,
    .reset = ring_link_reset,
    .announce = ring_link_announce,
    .set_features = ring_link_set_features,
    .shut = ring_link_shut,
    .close = ring_link_close,
};

static bool remember_port(unsigned port, int link) {
    if (port >= ports) {
        unsigned few = sizeof(few_ports) / sizeof(*few_ports), room = few;
        while (room <= port)
            room *= 2;
        int32_t *more = room == few ? few_ports : malloc(room * sizeof(*more));
        if (!more)
            return false;
        if (ports)
            memcpy(more, link_of_port, ports * sizeof(*more));
        if (link_of_port != few_ports)
            free(link_of_port);
        link_of_port = more;
        while (ports < room)
            link_of_port[ports++] = -1;
    }
    link_of_port[port] = link;
    return true;
}

int ring_link_open(unsigned domid, unsigned port) {
    struct endpoint endpoint = {.domid = domid};

    if (!below_map(&endpoint))
        return -1;
    /* Who built the domain without a toolstack left the port in its page. */
    uint32_t own_port = ring_own_port(endpoint.page);
    endpoint.remote = own_port ? own_port : port;
    int local = below_bind(domid, endpoint.remote);
    int link = -1;
    if (local >= 0) {
        endpoint.port = local;
        link = remember_port(local, -1) ? link_add(&ring_transport, &endpoint) : -1;
        if (link >= 0)
            link_of_port[local] = link;
        else
            below_unbind(local);
    }
    if (link < 0)
        below_unmap(&endpoint);
    return link;
}

bool ring_link_rebind(int link, unsigned port) {
    struct endpoint *endpoint = link_endpoint(link);
    if (!endpoint)
        return false;
    int local = below_bind(endpoint->domid, port);
    /* A port has one peer only: where that is this link already, it stays so. */
    if (local < 0)
        return endpoint->remote == port;
    if (!remember_port(local, link)) {
        below_unbind(local);
        return false;
    }
    forget_port(endpoint);
    endpoint->port = local;
    endpoint->remote = port;
    return true;
}

ALWAYS_INLINE bool ring_links_event(unsigned port) {
    return port < ports && link_heard(link_of_port[port]);
}

void ring_links_event_all(void) {
    for (unsigned port = 0; port < ports; port++)
        ring_links_event(port);
}
