#include "stubdom/transport/ring_below.h"
#include "own_domid.h"
#include <mini-os/arch.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <xen/grant_table.h>

bool below_map(struct endpoint *endpoint) {
    struct grant_mapping mapping;

    if (endpoint->domid == own_domid) {
        endpoint->page = boot.store_page;
        return true;
    }
    if (grant_map(endpoint->domid, GNTTAB_RESERVED_XENSTORE, &mapping) != 0)
        return false;
    endpoint->page = mapping.address;
    endpoint->handle = mapping.handle;
    return true;
}

void below_unmap(struct endpoint *endpoint) {
    struct grant_mapping mapping = {endpoint->page, endpoint->handle};
    if (endpoint->domid != own_domid)
        grant_unmap(&mapping);
}

int below_bind(unsigned domid, unsigned remote_port) {
    return event_bind_interdomain(domid, remote_port);
}

void below_unbind(unsigned port) {
    event_close(port);
}

void below_notify(unsigned port) {
    event_notify(port);
}
