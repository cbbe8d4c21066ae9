#include "acts.h"
#include "client.h"
#include <mini-os/events.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>
#include <xen/xen.h>

#define ROUNDS 50
#define PAIRS 3000

static struct reply reply;

static void write_number(const char *path, unsigned number) {
    char text[16];
    snprintf(text, sizeof(text), "%u", number);
    client_write(path, text, &reply);
}

static void stay(void) {
    for (;;)
        client_wait_event();
}

void watcher(void) {
    unsigned seen = 0;
    client_watch("data/w", "w", &reply);
    for (;;) {
        seen += client_wait_event();
        write_number("data/seen", seen);
    }
}

/* One transaction. False: it conflicted. */
static bool add_one(void) {
    client_request(XS_TRANSACTION_START, "", 1, &reply);
    client_transaction = strtoul(reply.payload, NULL, 10);
    client_read("data/n", &reply);
    write_number("data/n", reply.type == XS_ERROR ? 1 : strtoul(reply.payload, NULL, 10) + 1);
    client_request(XS_TRANSACTION_END, "T", 2, &reply);
    client_transaction = 0;
    return reply.type != XS_ERROR;
}

void maker(void) {
    for (unsigned made = 0; made < ROUNDS;)
        made += add_one();
    write_number("data/made", ROUNDS);
    stay();
}

static void take_watch(unsigned i) {
    char token[16];
    snprintf(token, sizeof(token), "%u", i);
    client_watch("data/hoard", token, &reply);
}

static void take_transaction(unsigned i) {
    (void)i;
    client_request(XS_TRANSACTION_START, "", 1, &reply);
}

static void take_node(unsigned i) {
    char path[32];
    /* Few in each directory, because the size of a directory is limited, too. */
    snprintf(path, sizeof(path), "data/hoard/%u/%u", i / 100, i);
    client_write(path, "", &reply);
}

void hoarder(void) {
    static const struct {
        const char *result;
        void (*take)(unsigned i);
    } goods[] = {{"data/watches", take_watch},
                 {"data/transactions", take_transaction},
                 {"data/nodes", take_node}};
    /* Make the nodes for the results first: at the end the quota may allow no more. */
    for (unsigned g = 0; g < sizeof(goods) / sizeof(goods[0]); g++)
        client_write(goods[g].result, "", &reply);
    for (unsigned g = 0; g < sizeof(goods) / sizeof(goods[0]); g++) {
        char said[64];
        unsigned taken = 0;
        for (;; taken++) {
            goods[g].take(taken);
            if (reply.type == XS_ERROR)
                break;
        }
        snprintf(said, sizeof(said), "%u %.16s", taken, reply.payload);
        client_write(goods[g].result, said, &reply);
    }
    stay();
}

/* Makes event channels from this domain to itself, and counts the notifications that arrive. */
void channels(void) {
    static unsigned char fired[4 * PAIRS];
    static int ends[2 * PAIRS];
    unsigned made = 0, heard = 0;
    char said[64];

    for (; made < 2 * PAIRS; made += 2) {
        ends[made] = event_alloc_unbound(DOMID_SELF);
        ends[made + 1] = ends[made] < 0 ? -1 : event_bind_interdomain(DOMID_SELF, ends[made]);
        if (ends[made + 1] < 0)
            break;
    }
    for (unsigned i = 0; i < made; i++)
        event_notify(ends[i]);
    for (int port; (port = event_next()) >= 0;) {
        if ((unsigned)port < sizeof(fired) && !fired[port]++)
            for (unsigned i = 0; i < made; i++)
                heard += ends[i] == port;
    }
    for (unsigned i = 0; i < made; i++)
        event_close(ends[i]);
    snprintf(said, sizeof(said), "%u made, %u fired", made, heard);
    client_write("data/channels", said, &reply);
    stay();
}
