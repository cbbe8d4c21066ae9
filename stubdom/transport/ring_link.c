#include "ring_link.h"
#include "engine/compiler.h"
#include "link.h"
#include "ring.h"
#include "ring_below.h"
#include "ring_ports.h"
#include "ring_transport.h"

static int add(struct endpoint *endpoint, unsigned local) {
    endpoint->port = local;
    int link = ring_port_remember(local, -1) ? link_add(&ring_transport, endpoint) : -1;
    if (link >= 0)
        ring_port_remember(local, link);
    return link;
}

int ring_link_open(unsigned domid, unsigned port) {
    struct endpoint endpoint = {.domid = domid};

    if (!below_map(&endpoint))
        return -1;
    /* A dom0less domain has its port in the page, because no toolstack introduced it. */
    uint32_t own_port = ring_own_port(endpoint.page);
    endpoint.remote = own_port ? own_port : port;
    int local = below_bind(domid, endpoint.remote);
    int link = local >= 0 ? add(&endpoint, local) : -1;
    if (link < 0 && local >= 0)
        below_unbind(local);
    if (link < 0)
        below_unmap(&endpoint);
    return link;
}

int ring_link_adopt(unsigned domid, unsigned local, unsigned remote) {
    struct endpoint endpoint = {.domid = domid, .remote = remote};

    if (!below_map(&endpoint))
        return -1;
    int link = add(&endpoint, local);
    if (link < 0)
        below_unmap(&endpoint);
    return link;
}

int ring_link_continue(struct endpoint *endpoint) {
    return add(endpoint, endpoint->port);
}

bool ring_link_rebind(int link, unsigned port) {
    struct endpoint *endpoint = link_endpoint(link);
    if (!endpoint)
        return false;
    int local = below_bind(endpoint->domid, port);
    /* A remote port can be bound once: the call fails if this link has it already. */
    if (local < 0)
        return endpoint->remote == port;
    if (!ring_port_remember(local, link)) {
        below_unbind(local);
        return false;
    }
    ring_port_forget(endpoint->port);
    below_unbind(endpoint->port);
    endpoint->port = local;
    endpoint->remote = port;
    return true;
}

ALWAYS_INLINE bool ring_links_event(unsigned port) {
    return link_notified(ring_port_link(port));
}

void ring_links_event_all(void) {
    for (unsigned port = 0; port < ring_port_count(); port++)
        ring_links_event(port);
}
