/*
 * The limit of a stub domain: answers Dom0's requests from constants, with no store
 * behind. What it takes is Xen's and the kernels' share of a round trip.
 */
#include "../../stubdom/transport/ring.h"
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <mini-os/program.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>

#define MESSAGE_MAX (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)

static struct xenstore_domain_interface *page;
static char in[2 * MESSAGE_MAX], out[MESSAGE_MAX];
static size_t in_length;

static const char *answer_to(uint32_t type, uint32_t *length) {
    static const char value[] = "twenty-five bytes of value";
    switch (type) {
    case XS_READ:
        *length = sizeof(value) - 1;
        return value;
    case XS_TRANSACTION_START:
        *length = 2;
        return "1";
    default:
        *length = 3;
        return "OK";
    }
}

/* The client waits for each answer, so that the ring has room for it. */
static void answer(const struct xsd_sockmsg *request) {
    struct xsd_sockmsg header = *request;
    const char *text = answer_to(request->type, &header.len);
    size_t put;
    memcpy(out, &header, sizeof(header));
    memcpy(out + sizeof(header), text, header.len);
    ring_put(page, out, sizeof(header) + header.len, &put);
}

/* True: something was taken, of which the client must learn. */
static bool serve(void) {
    struct xsd_sockmsg header;
    size_t taken, at = 0;
    /* The indexes of before are published, before those of the client are read. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ring_take(page, in + in_length, sizeof(in) - in_length, &taken);
    in_length += taken;
    for (;; at += sizeof(header) + header.len) {
        if (in_length - at < sizeof(header))
            break;
        memcpy(&header, in + at, sizeof(header));
        if (header.len > XENSTORE_PAYLOAD_MAX || in_length - at < sizeof(header) + header.len)
            break;
        answer(&header);
    }
    memmove(in, in + at, in_length - at);
    in_length -= at;
    return taken > 0;
}

int main(int argc, char **argv) {
    struct grant_mapping mapping;
    int remote = -1;
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--event") == 0)
            remote = atoi(argv[i + 1]);
    if (grant_map(0, GNTTAB_RESERVED_XENSTORE, &mapping) != 0)
        return 1;
    page = mapping.address;
    int port = event_bind_interdomain(0, remote);
    if (port < 0)
        return 2;
    ring_announce(page);
    event_notify(port);
    for (;;) {
        for (int fired; (fired = event_next()) >= 0;)
            if (fired == (int)console_port())
                console_flush();
        if (serve())
            event_notify(port);
        else
            event_wait(0);
    }
}
