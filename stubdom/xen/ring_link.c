#include "ring_link.h"
#include "../link.h"
#include "../ring.h"
#include <mini-os/arch.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <string.h>
#include <xen/grant_table.h>

#define NO_HANDLE UINT32_MAX

static int own_domid;
static int16_t link_of_port[EVENT_PORTS];

static int result_of(enum ring_status status, size_t moved) {
    switch (status) {
    case RING_BAD_INDEX:
        return -LINK_RING_INDEX;
    case RING_RECONNECT:
        return TRANSPORT_RESET;
    default:
        return moved;
    }
}

static int take(struct endpoint *endpoint, void *to, size_t room) {
    size_t taken;
    enum ring_status status = ring_take(endpoint->page, to, room, &taken);
    return result_of(status, taken);
}

static int put(struct endpoint *endpoint, const void *from, size_t length) {
    size_t done;
    enum ring_status status = ring_put(endpoint->page, from, length, &done);
    return result_of(status, done);
}

static void notify(struct endpoint *endpoint) {
    event_notify(endpoint->port);
}

static void reset(struct endpoint *endpoint) {
    ring_reset(endpoint->page);
}

static void announce(struct endpoint *endpoint) {
    ring_announce(endpoint->page);
}

static void set_features(struct endpoint *endpoint, uint32_t mask) {
    ring_set_features(endpoint->page, mask);
}

static void shut(struct endpoint *endpoint, enum link_error error) {
    ring_set_error(endpoint->page, error);
    event_notify(endpoint->port);
}

static void forget_port(struct endpoint *endpoint) {
    link_of_port[endpoint->port] = -1;
    event_close(endpoint->port);
}

static void close(struct endpoint *endpoint) {
    forget_port(endpoint);
    if (endpoint->handle != NO_HANDLE) {
        /* At once: a page that stays mapped keeps its domain from going away. */
        struct grant_mapping mapping = {endpoint->page, endpoint->handle};
        grant_unmap(&mapping);
    }
}

static const struct transport ring_transport = {
    .take = take,
    .put = put,
    .notify = notify,
    .reset = reset,
    .announce = announce,
    .set_features = set_features,
    .shut = shut,
    .close = close,
};

void ring_links_init(int domid) {
    own_domid = domid;
    memset(link_of_port, -1, sizeof(link_of_port));
}

int ring_link_open(unsigned domid, unsigned port) {
    struct endpoint endpoint = {.domid = domid, .handle = NO_HANDLE};

    if ((int)domid == own_domid) {
        endpoint.page = boot.store_page;
    } else {
        struct grant_mapping mapping;
        if (grant_map(domid, GNTTAB_RESERVED_XENSTORE, &mapping) != 0)
            return -1;
        endpoint.page = mapping.address;
        endpoint.handle = mapping.handle;
    }
    /* Who built the domain without a toolstack left the port in its page. */
    uint32_t own_port = ring_own_port(endpoint.page);
    int local = event_bind_interdomain(domid, own_port ? own_port : port);
    int link = -1;
    if (local >= 0) {
        endpoint.port = local;
        link = link_add(&ring_transport, &endpoint);
        if (link >= 0 && link <= INT16_MAX)
            link_of_port[local] = link;
        else if (link < 0)
            event_close(local);
    }
    if (link < 0 && endpoint.handle != NO_HANDLE) {
        struct grant_mapping mapping = {endpoint.page, endpoint.handle};
        grant_unmap(&mapping);
    }
    return link;
}

bool ring_link_rebind(int link, unsigned port) {
    struct endpoint *endpoint = link_endpoint(link);
    if (!endpoint)
        return false;
    /* A port has one peer: if that is this link already, there is nothing to bind. */
    if (event_remote_port(endpoint->port) == (int)port)
        return true;
    int local = event_bind_interdomain(endpoint->domid, port);
    if (local < 0)
        return false;
    forget_port(endpoint);
    endpoint->port = local;
    link_of_port[local] = link;
    return true;
}

void ring_links_event(unsigned port) {
    if (link_of_port[port] >= 0)
        link_wake(link_of_port[port]);
}
