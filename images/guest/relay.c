/* The relay: input of the console goes to the xenstore ring, and replies go to the console. */
#include "client.h"
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <string.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

/** One direction of a shared ring. */
struct half {
    char *bytes;
    uint32_t size;
    uint32_t *consumed, *produced;
    unsigned port;
};

/* Moves as many bytes as there are and fit. Returns their number. */
static uint32_t move(const struct half *from, const struct half *to) {
    uint32_t start = *from->consumed, end = *to->produced;
    uint32_t there = __atomic_load_n(from->produced, __ATOMIC_ACQUIRE) - start;
    uint32_t room = to->size - (end - __atomic_load_n(to->consumed, __ATOMIC_ACQUIRE));
    uint32_t part = there < room ? there : room;
    bool full = there == from->size;
    for (uint32_t i = 0; i < part; i++)
        to->bytes[(end + i) & (to->size - 1)] = from->bytes[(start + i) & (from->size - 1)];
    if (!part)
        return 0;
    /* Copy the bytes before either index changes. */
    __atomic_store_n(to->produced, end + part, __ATOMIC_RELEASE);
    __atomic_store_n(from->consumed, start + part, __ATOMIC_RELEASE);
    event_notify(to->port);
    /* xenconsoled limits a console's notifications, so it is notified only if it waits for room. */
    if (full || from->port == boot.store_port)
        event_notify(from->port);
    return part;
}

void relay(void) {
    struct xencons_interface *console = boot.console_page;
    struct xenstore_domain_interface *store = boot.store_page;
    const struct half typed = {console->in, sizeof(console->in), &console->in_cons,
                               &console->in_prod, boot.console_port};
    const struct half shown = {console->out, sizeof(console->out), &console->out_cons,
                               &console->out_prod, boot.console_port};
    const struct half requests = {store->req, sizeof(store->req), &store->req_cons,
                                  &store->req_prod, boot.store_port};
    const struct half replies = {store->rsp, sizeof(store->rsp), &store->rsp_cons, &store->rsp_prod,
                                 boot.store_port};
    /* From now on the console carries only bytes of the protocol. */
    console_line("the ring begins");
    for (;;) {
        while (event_next() >= 0)
            ;
        if (!(move(&typed, &requests) | move(&replies, &shown)))
            event_wait(0);
    }
}
