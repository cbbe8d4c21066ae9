#include "client.h"
#include "history.h"
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define CHANGES                                                                                    \
    (1u << XS_WRITE | 1u << XS_MKDIR | 1u << XS_RM | 1u << XS_SET_PERMS | 1u << XS_TRANSACTION_END)

bool client_changes, client_permissions;

/* --- the transport: what the daemon does --- */

/* Of each message that the daemon has whole, a reply is expected. */
static void note(struct client *client, const uint8_t *bytes, size_t length) {
    while (length > 0 && !client->nonsense) {
        size_t size =
            client->taken < HEADER_SIZE ? HEADER_SIZE : HEADER_SIZE + client->taking.length;
        size_t part = size - client->taken < length ? size - client->taken : length;
        if (client->taken < HEADER_SIZE)
            memcpy((char *)&client->taking + client->taken, bytes, part);
        client->taken += part;
        bytes += part;
        length -= part;
        if (client->taken < HEADER_SIZE)
            continue;
        client->nonsense = client->taking.length > PAYLOAD_MAX;
        if (client->taken < HEADER_SIZE + client->taking.length)
            continue;
        if (client->asked - client->first == CLIENT_REQUESTS)
            fail("%s: the daemon reads on and on without a reply", client->name);
        client->expected[client->asked++ % CLIENT_REQUESTS] = (struct expected){
            client->taking.type, client->taking.request_id, client->taking.transaction_id};
        client->taken = 0;
    }
}

static int take(struct endpoint *endpoint, void *to, size_t room) {
    struct client *client = endpoint->page;
    size_t length = client->out_length - client->out_start;
    if (client->hangs_up)
        return -LINK_COMM;
    if (length > room)
        length = room;
    if (client->take_most && length > client->take_most)
        length = client->take_most;
    memcpy(to, client->out + client->out_start, length);
    note(client, client->out + client->out_start, length);
    client->out_start += length;
    if (client->out_start == client->out_length)
        client->out_start = client->out_length = 0;
    return length;
}

static int put(struct endpoint *endpoint, const void *from, size_t length) {
    struct client *client = endpoint->page;
    size_t room = client->reads ? CLIENT_BUFFER - client->in_length : 0;
    if (length > room)
        length = room;
    memcpy(client->in + client->in_length, from, length);
    client->in_length += length;
    return length;
}

static void notify(struct endpoint *endpoint) {
    (void)endpoint;
}

static void forget(struct client *client) {
    client->in_length = client->out_start = client->out_length = client->taken = 0;
    client->first = client->asked;
    client->nonsense = client->shut = client->hangs_up = false;
    client->transaction = 0;
}

static void reset(struct endpoint *endpoint) {
    forget(endpoint->page);
}

static void announce(struct endpoint *endpoint) {
    (void)endpoint;
}

static void set_features(struct endpoint *endpoint, uint32_t mask) {
    (void)endpoint, (void)mask;
}

static void shut(struct endpoint *endpoint, enum link_error error) {
    struct client *client = endpoint->page;
    if (!client->nonsense && !client->hangs_up)
        fail("%s: shut with %d and for no reason", client->name, error);
    client->shut = true;
}

static void close_client(struct endpoint *endpoint) {
    struct client *client = endpoint->page;
    forget(client);
    client->link = -1;
}

static const struct transport transport = {
    .take = take,
    .put = put,
    .notify = notify,
    .reset = reset,
    .announce = announce,
    .set_features = set_features,
    .shut = shut,
    .close = close_client,
};

/* --- the client --- */

int client_connect(struct client *client, const char *name, int domid) {
    struct endpoint endpoint = {.domid = domid, .page = client};
    forget(client);
    client->name = name;
    client->domid = domid;
    client->reads = true;
    client->take_most = 0;
    client->link = link_add(&transport, &endpoint);
    if (domid < 0 && client->link >= 0)
        link_connected(client->link);
    return client->link;
}

void client_hang_up(struct client *client) {
    if (client->link < 0)
        return;
    client->hangs_up = true;
    link_wake(client->link);
}

bool client_send_raw(struct client *client, const void *bytes, size_t length) {
    if (client->link < 0 || length > CLIENT_BUFFER - client->out_length)
        return false;
    memcpy(client->out + client->out_length, bytes, length);
    client->out_length += length;
    link_wake(client->link);
    return true;
}

bool client_send(struct client *client, uint32_t type, uint32_t transaction, const void *payload,
                 uint32_t length) {
    struct header header = {.type = type,
                            .request_id = ++client->next_id,
                            .transaction_id = transaction,
                            .length = length};
    if (HEADER_SIZE + length > CLIENT_BUFFER - client->out_length)
        return false;
    return client_send_raw(client, &header, sizeof(header)) &&
           client_send_raw(client, payload, length);
}

static void check_event(struct client *client) {
    const char *path_end = memchr(client->answer, '\0', client->reply.length);
    if (!path_end || client->reply.length < 2 || client->answer[client->reply.length - 1] != '\0')
        fail("%s: a watch event that is none", client->name);
}

static void check_reply(struct client *client) {
    const struct header *reply = &client->reply;
    if (client->first == client->asked)
        fail("%s: a reply that nobody asked for, type %u", client->name, reply->type);
    const struct expected *expected = &client->expected[client->first++ % CLIENT_REQUESTS];
    if ((reply->type != expected->type && reply->type != XS_ERROR) ||
        reply->request_id != expected->request_id ||
        reply->transaction_id != expected->transaction_id)
        fail("%s: asked type %u request %u transaction %u, got type %u request %u transaction %u",
             client->name, expected->type, expected->request_id, expected->transaction_id,
             reply->type, reply->request_id, reply->transaction_id);
    client_changes |= reply->type < 32 && CHANGES >> reply->type & 1;
    client_permissions |= reply->type == XS_SET_PERMS || reply->type == XS_TRANSACTION_END;
    if (reply->type == XS_TRANSACTION_START)
        client->transaction = strtoul(client->answer, NULL, 10);
    if (reply->type == XS_ERROR && client->answer[reply->length - 1] != '\0')
        fail("%s: an error without an end", client->name);
    if (reply->type == XS_ERROR && client->refused)
        client->refused(client);
}

void client_receive(struct client *client) {
    size_t at = 0;
    while (client->in_length - at >= HEADER_SIZE) {
        memcpy(&client->reply, client->in + at, HEADER_SIZE);
        if (client->reply.length > PAYLOAD_MAX)
            fail("%s: a message of %u bytes", client->name, client->reply.length);
        size_t size = HEADER_SIZE + client->reply.length;
        if (client->in_length - at < size)
            break;
        memcpy(client->answer, client->in + at + HEADER_SIZE, client->reply.length);
        client->answer[client->reply.length] = '\0';
        at += size;
        if (client->reply.type == XS_WATCH_EVENT)
            check_event(client);
        else
            check_reply(client);
    }
    memmove(client->in, client->in + at, client->in_length - at);
    client->in_length -= at;
}

unsigned client_waits(const struct client *client) {
    return client->link < 0 || client->shut ? 0 : client->asked - client->first;
}
