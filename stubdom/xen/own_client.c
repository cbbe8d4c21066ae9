#include "own_client.h"
#include "../link.h"
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <stdio.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define REPLY_MOST 128

static char bytes[HEADER_SIZE + REPLY_MOST];
static uint32_t have;
static bool stopped; /* the reply did not make sense: this client is done */

static struct xenstore_domain_interface *ring(void) {
    return boot.store_page;
}

/* The requests of this client are few and short: there is always room. */
static void send(uint32_t type, const char *payload, uint32_t length) {
    struct header header = {.type = type, .request_id = 1, .length = length};
    char message[HEADER_SIZE + REPLY_MOST];
    memcpy(message, &header, HEADER_SIZE);
    memcpy(message + HEADER_SIZE, payload, length);
    uint32_t produced = ring()->req_prod;
    for (uint32_t i = 0; i < HEADER_SIZE + length; i++)
        ring()->req[MASK_XENSTORE_IDX(produced + i)] = message[i];
    __atomic_store_n(&ring()->req_prod, produced + HEADER_SIZE + length, __ATOMIC_RELEASE);
    event_notify(boot.store_port);
}

static void take_reply(void) {
    struct header header;
    memcpy(&header, bytes, HEADER_SIZE);
    if (header.length > REPLY_MOST) {
        stopped = true;
        return;
    }
    if (have < HEADER_SIZE + header.length)
        return;
    console_line("xenstored: serves its own domain, %.*s", (int)header.length, bytes + HEADER_SIZE);
    have = 0;
}

void own_client_start(void) {
    char domid[16];
    if (!boot.store_page || !boot.store_port)
        return;
    event_unmask(boot.store_port);
    int length = snprintf(domid, sizeof(domid), "%d", event_remote_domain(boot.store_port));
    send(XS_GET_DOMAIN_PATH, domid, length + 1);
}

void own_client_event(void) {
    uint32_t consumed = ring()->rsp_cons;
    uint32_t produced = __atomic_load_n(&ring()->rsp_prod, __ATOMIC_ACQUIRE);
    while (consumed != produced && have < sizeof(bytes))
        bytes[have++] = ring()->rsp[MASK_XENSTORE_IDX(consumed++)];
    __atomic_store_n(&ring()->rsp_cons, consumed, __ATOMIC_RELEASE);
    if (!stopped && have >= HEADER_SIZE)
        take_reply();
}
