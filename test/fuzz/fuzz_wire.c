/*
 * The wire: clients on sockets and domains' rings, as byte streams. An input is a script of steps,
 * each of a connection: a request, whole or not, or something that happens to it.
 */
#include "history.h"
#include "script.h"
#include "world.h"
#include <stdio.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define SOCKETS 2
#define CLIENTS 6
#define STEPS_MOST 200
/* Inputs that may change settings: each of them costs a daemon. */
#define SETTINGS_ONE_IN 1009
#define TYPES 28
/* Later than the headers that are fetched: docs/misc/xenstore.txt of Xen 4.21. */
#define XS_SET_QUOTA 26
/* What a pause of any kind lasts at most, in steps of the clock. */
#define PATIENCE_STEPS 120
#define PATIENCE_MILLISECONDS 500

static struct client clients[CLIENTS];
static bool settings_allowed;

static unsigned domid_of(const struct client *client) {
    return client - clients - SOCKETS + 1;
}

static bool is_socket(const struct client *client) {
    return client < clients + SOCKETS;
}

static struct client *client_of(int domid) {
    return domid > 0 && domid <= CLIENTS - SOCKETS ? &clients[SOCKETS + domid - 1] : NULL;
}

static int open_ring(unsigned domid, unsigned port) {
    struct client *client = client_of(domid);
    (void)port;
    if (!client || client->link >= 0)
        return -1;
    return client_connect(client, "domain", domid);
}

static bool rebind_ring(int link, unsigned port) {
    (void)link;
    return port % 7 != 0;
}

static void introduce(unsigned domid) {
    char text[32];
    int length = snprintf(text, sizeof(text), "%u%c%u%c%u", domid, 0, 1, 0, 5);
    world_ask(XS_INTRODUCE, text, length + 1);
}

static bool connected(struct client *client) {
    if (client->link >= 0)
        return true;
    if (is_socket(client))
        client_connect(client, "socket", -1);
    else
        introduce(domid_of(client));
    daemon_turns();
    return client->link >= 0;
}

/* What stays when everybody has left is for few inputs, or each would cost a daemon. */
static uint32_t type_of(const struct client *client, uint8_t byte) {
    uint32_t type = byte < 0xf0 ? byte % TYPES : byte;
    bool stays = type == XS_CONTROL || type == XS_SET_QUOTA;
    if (!is_socket(client) || !stays)
        return type;
    if (settings_allowed)
        world_spoilt();
    return settings_allowed ? type : XS_READ;
}

static void request(struct client *client, struct script *script, unsigned kind) {
    char payload[PAYLOAD_MAX];
    size_t length;
    uint32_t type = type_of(client, script_byte(script));
    const uint8_t *bytes = script_counted(script, &length);
    memcpy(payload, bytes, length);
    if (kind == 15) {
        size_t large = length + script_u16(script) % (sizeof(payload) - length);
        for (size_t at = length; at < large; at++)
            payload[at] = length ? payload[at - length] : 'x';
        length = large;
    }
    uint32_t transaction = kind < 5 || kind == 15 ? 0 : client->transaction + (kind == 7);
    client_send(client, type, transaction, payload, length);
}

/* Bytes as they are; a privileged header in them is only for inputs that may change settings. */
static void raw(struct client *client, struct script *script) {
    size_t length;
    const uint8_t *bytes = script_counted(script, &length);
    if (is_socket(client) && !settings_allowed)
        return;
    if (is_socket(client))
        world_spoilt();
    client_send_raw(client, bytes, length);
}

static void domain_happens(struct client *client, uint8_t what) {
    static const unsigned states[] = {
        DOMAIN_EXIST, DOMAIN_EXIST | DOMAIN_SHUTDOWN, DOMAIN_EXIST | DOMAIN_SHUTDOWN | DOMAIN_DYING,
        DOMAIN_EXIST | DOMAIN_SHUTDOWN | DOMAIN_DYING | DOMAIN_DEAD, 0};
    unsigned domid = domid_of(client);
    if (what % 6 == 5)
        fuzz_domain_renew(domid);
    else
        fuzz_domain_set(domid, states[what % 6]);
    if (what < 128)
        link_raise(EVENT_DOMAINS);
}

static void receive(struct client *client) {
    if (client->link < 0 || !client->reads || client->in_length == 0)
        return;
    client_receive(client);
    link_wake(client->link);
}

static void receive_all(void) {
    for (unsigned i = 0; i < CLIENTS; i++)
        receive(&clients[i]);
}

static void step(struct script *script) {
    uint8_t op = script_byte(script);
    unsigned kind = op >> 4;
    struct client *client = &clients[(op & 7) % CLIENTS];
    if (kind == 10) {
        fuzz_time += 1 << (script_byte(script) & 15);
    } else if (kind == 9 || kind == 11) {
        uint8_t what = script_byte(script);
        if (is_socket(client))
            client_hang_up(client);
        else
            domain_happens(client, what);
    } else if (connected(client)) {
        if (kind == 8)
            raw(client, script);
        else if (kind == 12)
            client->reads = !client->reads;
        else if (kind == 13)
            client->take_most = script_byte(script);
        else if (kind == 14)
            link_wake(client->link);
        else
            request(client, script, kind);
    }
    if (op & 8)
        return;
    daemon_turns();
    receive_all();
}

static bool waits(const struct client *client) {
    bool open = client->link >= 0 && !client->shut && !client->nonsense;
    return open && (client_waits(client) || client->out_length > 0 || client->in_length > 0);
}

static bool anybody_waits(void) {
    for (unsigned i = 0; i < CLIENTS; i++)
        if (waits(&clients[i]))
            return true;
    return false;
}

/* Everybody reads: then everything is answered, however long it takes. */
static void settle(void) {
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i].reads = true;
        clients[i].take_most = 0;
        link_wake(clients[i].link);
    }
    for (int n = 0; n < PATIENCE_STEPS; n++) {
        daemon_turns();
        receive_all();
        if (!anybody_waits())
            break;
        fuzz_time += PATIENCE_MILLISECONDS;
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        const struct client *client = &clients[i];
        if (waits(client))
            fail("%s %u: %u requests are not answered, %zu bytes not read", client->name, i,
                 client_waits(client), client->out_length);
        if (client->link >= 0 && client->nonsense && !client->shut)
            fail("%s %u: not shut after a message that is too long", client->name, i);
    }
}

static void leave(void) {
    for (unsigned i = 0; i < SOCKETS; i++)
        client_hang_up(&clients[i]);
    for (unsigned domid = 1; domid < DOMAINS; domid++)
        fuzz_domain_set(domid, 0);
    link_raise(EVENT_DOMAINS);
    daemon_turns();
    for (unsigned i = 0; i < CLIENTS; i++)
        if (clients[i].link >= 0)
            fail("%s %u: not closed", clients[i].name, i);
    fuzz_domains_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    static bool begun;
    for (unsigned i = 0; i < CLIENTS && !begun; i++)
        clients[i].link = -1;
    begun = true;
    fuzz_open = open_ring;
    fuzz_rebind = rebind_ring;
    settings_allowed = size % SETTINGS_ONE_IN == 0;
    world_begin(input, size);
    for (int n = 0; n < STEPS_MOST && !script_ended(&script); n++)
        step(&script);
    settle();
    leave();
    world_end();
    return 0;
}
