#include "client.h"
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <mini-os/panic.h>
#include <string.h>
#include <xen/io/xs_wire.h>

uint32_t client_transaction;
void (*client_on_event)(const char *token);
static unsigned events_seen;

static struct xenstore_domain_interface *ring(void) {
    return boot.store_page;
}

/* Handles the console's events too, because the program waits only here. */
void client_wait(void) {
    for (int port; (port = event_next()) >= 0;) {
        if (port == (int)console_port())
            console_flush();
        if (port == (int)boot.store_port)
            return;
    }
    event_wait(0);
}

void client_init(void) {
    if (!boot.store_page || !boot.store_port)
        panic("this guest has no xenstore ring");
    event_unmask(boot.store_port);
}

/*
 * Indexes and notifications follow Linux's xenbus driver, which sends as few as the protocol
 * allows: it notifies only if the store may have seen an empty ring, or the ring was full. There is
 * no full fence between the store of its own index and the load of the store's.
 */
static void send(const char *bytes, uint32_t length) {
    while (length) {
        uint32_t produced = ring()->req_prod;
        uint32_t room =
            XENSTORE_RING_SIZE - (produced - __atomic_load_n(&ring()->req_cons, __ATOMIC_ACQUIRE));
        if (!room) {
            client_wait();
            continue;
        }
        uint32_t part = length < room ? length : room;
        for (uint32_t i = 0; i < part; i++)
            ring()->req[MASK_XENSTORE_IDX(produced + i)] = bytes[i];
        /* The bytes must be visible before the index. */
        __atomic_store_n(&ring()->req_prod, produced + part, __ATOMIC_RELEASE);
        if (produced <= __atomic_load_n(&ring()->req_cons, __ATOMIC_RELAXED))
            event_notify(boot.store_port);
        bytes += part;
        length -= part;
    }
}

static void receive(char *bytes, uint32_t length) {
    while (length) {
        uint32_t consumed = ring()->rsp_cons;
        uint32_t there = __atomic_load_n(&ring()->rsp_prod, __ATOMIC_ACQUIRE) - consumed;
        if (!there) {
            client_wait();
            continue;
        }
        uint32_t part = length < there ? length : there;
        for (uint32_t i = 0; i < part; i++)
            bytes[i] = ring()->rsp[MASK_XENSTORE_IDX(consumed + i)];
        __atomic_store_n(&ring()->rsp_cons, consumed + part, __ATOMIC_RELEASE);
        if (__atomic_load_n(&ring()->rsp_prod, __ATOMIC_RELAXED) - consumed >= XENSTORE_RING_SIZE)
            event_notify(boot.store_port);
        bytes += part;
        length -= part;
    }
}

static void receive_message(struct reply *reply) {
    struct xsd_sockmsg header;
    receive((char *)&header, sizeof(header));
    if (header.len > REPLY_MAX)
        panic("a message of %u bytes", header.len);
    receive(reply->payload, header.len);
    reply->payload[header.len] = '\0';
    reply->type = header.type;
    reply->length = header.len;
    if (header.type != XS_WATCH_EVENT)
        return;
    events_seen++;
    if (client_on_event)
        client_on_event(reply->payload + strlen(reply->payload) + 1);
}

void client_begin(uint32_t type, const void *payload, uint32_t length) {
    static uint32_t next_id;
    struct xsd_sockmsg header = {
        .type = type, .req_id = ++next_id, .tx_id = client_transaction, .len = length};
    send((const char *)&header, sizeof(header));
    send(payload, length);
}

void client_end(struct reply *reply) {
    do
        receive_message(reply);
    while (reply->type == XS_WATCH_EVENT);
}

void client_request(uint32_t type, const void *payload, uint32_t length, struct reply *reply) {
    client_begin(type, payload, length);
    client_end(reply);
}

static void request_pair(uint32_t type, const char *first, const char *second, uint32_t end,
                         struct reply *reply) {
    char payload[512];
    uint32_t first_length = strlen(first) + 1, second_length = strlen(second) + end;
    if (first_length + second_length > sizeof(payload))
        panic("a request too long for this client");
    memcpy(payload, first, first_length);
    memcpy(payload + first_length, second, second_length);
    client_request(type, payload, first_length + second_length, reply);
}

void client_write(const char *path, const char *value, struct reply *reply) {
    request_pair(XS_WRITE, path, value, 0, reply);
}

void client_watch(const char *path, const char *token, struct reply *reply) {
    request_pair(XS_WATCH, path, token, 1, reply);
}

void client_read(const char *path, struct reply *reply) {
    client_request(XS_READ, path, strlen(path) + 1, reply);
}

unsigned client_wait_event(void) {
    static struct reply event;
    while (!events_seen)
        receive_message(&event);
    unsigned seen = events_seen;
    events_seen = 0;
    return seen;
}

void client_break_ring(void) {
    __atomic_store_n(&ring()->req_prod, ring()->req_cons + 3 * XENSTORE_RING_SIZE,
                     __ATOMIC_RELEASE);
    event_notify(boot.store_port);
}
