#include "own_client.h"
#include "stubdom/transport/link.h"
#include <mini-os/arch.h>
#include <mini-os/events.h>
#include <string.h>

#define REQUEST_MOST 512

static void (*on_watch)(void);
static void (*then)(const struct own_reply *);
static struct header header;
static struct own_reply reply;
static uint32_t have; /* bytes received of the present message */
/* Of the last request. A reply to the image before has another. */
static uint32_t request_id;

static struct xenstore_domain_interface *ring(void) {
    return boot.store_page;
}

bool own_client_ask(uint32_t type, const char *payload, uint32_t length,
                    void (*callback)(const struct own_reply *)) {
    struct header request = {.type = type, .request_id = request_id + 1, .length = length};
    char message[HEADER_SIZE + REQUEST_MOST];
    if (then || length > REQUEST_MOST)
        return false;
    then = callback;
    request_id++;
    memcpy(message, &request, HEADER_SIZE);
    memcpy(message + HEADER_SIZE, payload, length);
    /* One request at a time: there is always room. */
    uint32_t produced = ring()->req_prod;
    for (uint32_t i = 0; i < HEADER_SIZE + length; i++)
        ring()->req[MASK_XENSTORE_IDX(produced + i)] = message[i];
    __atomic_store_n(&ring()->req_prod, produced + HEADER_SIZE + length, __ATOMIC_RELEASE);
    event_notify(boot.store_port);
    return true;
}

bool own_client_start(void (*watch_fired)(void)) {
    on_watch = watch_fired;
    if (!boot.store_page || !boot.store_port)
        return false;
    event_unmask(boot.store_port);
    return true;
}

void own_client_leave(struct own_client_state *to) {
    *to = (struct own_client_state){.header = header, .have = have, .request_id = request_id};
}

void own_client_continue(const struct own_client_state *from) {
    header = from->header;
    have = from->have;
    request_id = from->request_id;
}

static void message_is_whole(void) {
    void (*callback)(const struct own_reply *) = then;
    have = 0;
    if (header.type == XS_WATCH_EVENT) {
        on_watch();
        return;
    }
    if (header.request_id != request_id)
        return;
    reply.type = header.type;
    reply.length = header.length < OWN_REPLY_MOST ? header.length : OWN_REPLY_MOST;
    reply.payload[reply.length] = '\0';
    then = NULL;
    if (callback)
        callback(&reply);
}

static void take_byte(char byte) {
    if (have < HEADER_SIZE)
        ((char *)&header)[have] = byte;
    else if (have - HEADER_SIZE < OWN_REPLY_MOST)
        reply.payload[have - HEADER_SIZE] = byte;
    have++;
    if (have >= HEADER_SIZE && have - HEADER_SIZE == header.length)
        message_is_whole();
}

void own_client_event(void) {
    uint32_t consumed = ring()->rsp_cons;
    uint32_t produced = __atomic_load_n(&ring()->rsp_prod, __ATOMIC_ACQUIRE);
    if (consumed == produced)
        return;
    while (consumed != produced)
        take_byte(ring()->rsp[MASK_XENSTORE_IDX(consumed++)]);
    __atomic_store_n(&ring()->rsp_cons, consumed, __ATOMIC_RELEASE);
    event_notify(boot.store_port);
}
