#include "ninep_front.h"
#include "ninep_below.h"
#include "ninep_session.h"
#include "stubdom/xen/own_client.h"
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <mini-os/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <xen/io/xenbus.h>

#define DEVICE "device/9pfs/0/"
/* Four pages: each direction has 8 KiB, the largest message. */
#define ORDER 2
#define PAGES (1 << ORDER)
#define NOBODY -1
/* How often the device is examined again after a temporary error of a request. */
#define RETRIES 8

static char backend[NINEP_PATH_MOST]; /* the backend's directory in the store; "": none */
static enum { IDLE, OFFERED, CONNECTED } state;
static struct ninep_ring ring;
static struct xen_9pfs_data_intf *page;
static void *data;
static int page_reference, port = -1;
static int granted_to = NOBODY;
static bool looking, look_again;
static int tries, next_node;

static void look(void);

/* --- pages and channel --- */

/* Grants the pages of the ring. They stay granted, because the backend may keep them mapped. */
static bool share_pages(int domid) {
    if (granted_to != NOBODY)
        return granted_to == domid;
    /* Set first, so that a failure is final: another attempt would take pages again. */
    granted_to = DOMID_INVALID;
    page = pages_take(1);
    data = pages_take(PAGES);
    if (!page || !data)
        return false;
    page_reference = grant_give(domid, page);
    bool granted = page_reference >= 0;
    for (int i = 0; i < PAGES && granted; i++) {
        int reference = grant_give(domid, (char *)data + i * PAGE_SIZE);
        granted = reference >= 0;
        page->ref[i] = reference;
    }
    if (granted)
        granted_to = domid;
    return granted;
}

static void let_go(void) {
    ninep_session_gone();
    if (port >= 0)
        event_close(port);
    port = -1;
    state = IDLE;
}

void ninep_below_notify(void) {
    event_notify(port);
}

void ninep_below_say(const char *line) {
    console_line("%s", line);
}

/* --- the device's nodes --- */

static void looked(void) {
    looking = false;
    if (look_again)
        look();
}

/* After a temporary error: examines the device again from the start. */
static void try_again(void) {
    look_again = ++tries < RETRIES;
    looked();
}

static void ask_node(const char *directory, const char *name,
                     void (*then)(const struct own_reply *)) {
    char path[NINEP_PATH_MOST + 16];
    int length = snprintf(path, sizeof(path), "%s%s", directory, name);
    own_client_ask(XS_READ, path, length + 1, then);
}

static void write_node(const char *name, int value, void (*then)(const struct own_reply *)) {
    char text[64];
    int length = snprintf(text, sizeof(text), DEVICE "%s%c%d", name, 0, value);
    own_client_ask(XS_WRITE, text, length, then);
}

static bool is(const struct own_reply *reply, const char *error) {
    return reply->type == XS_ERROR && strcmp(reply->payload, error) == 0;
}

static void told(const struct own_reply *reply) {
    if (reply->type == XS_ERROR)
        try_again();
    else
        looked();
}

static void offer_next(const struct own_reply *reply) {
    const struct {
        const char *name;
        int value;
    } nodes[] = {{"version", 1},
                 {"num-rings", 1},
                 {"ring-ref0", page_reference},
                 {"event-channel-0", port},
                 {"state", XenbusStateInitialised}};
    if (reply && reply->type == XS_ERROR) {
        let_go();
        try_again();
    } else if (next_node == sizeof(nodes) / sizeof(nodes[0])) {
        state = OFFERED;
        looked();
    } else {
        int node = next_node++;
        write_node(nodes[node].name, nodes[node].value, offer_next);
    }
}

static void got_domid(const struct own_reply *reply) {
    if (reply->type == XS_ERROR) {
        try_again();
        return;
    }
    int domid = atoi(reply->payload);
    let_go();
    port = share_pages(domid) ? event_alloc_unbound(domid) : -1;
    if (port < 0) {
        console_line("xenstored: no pages or no channel for the 9pfs share of domain %d", domid);
        looked();
        return;
    }
    ninep_ring_start(&ring, page, data, ORDER);
    next_node = 0;
    offer_next(NULL);
}

static void got_state(const struct own_reply *reply) {
    if (reply->type == XS_ERROR && !is(reply, "ENOENT")) {
        try_again();
        return;
    }
    int other = reply->type == XS_ERROR ? XenbusStateClosed : atoi(reply->payload);
    if (other == XenbusStateInitWait && state != OFFERED) {
        /* The backend is new or has restarted: it needs a new ring. */
        ask_node(DEVICE, "backend-id", got_domid);
    } else if (other == XenbusStateConnected && state == OFFERED) {
        state = CONNECTED;
        ninep_session_connected(&ring);
        write_node("state", XenbusStateConnected, told);
    } else if ((other == XenbusStateClosing || other == XenbusStateClosed) && state != IDLE) {
        let_go();
        console_line("xenstored: the 9pfs share is gone");
        write_node("state", XenbusStateClosed, told);
    } else {
        looked();
    }
}

static void watched(const struct own_reply *reply) {
    if (reply->type == XS_ERROR && !is(reply, "EEXIST")) {
        backend[0] = '\0';
        try_again();
        return;
    }
    ask_node(backend, "/state", got_state);
}

static void got_backend(const struct own_reply *reply) {
    char watch[NINEP_PATH_MOST + 16];
    bool gone = is(reply, "ENOENT");
    if (reply->type == XS_ERROR && !gone) {
        try_again();
        return;
    }
    if (gone || reply->length >= NINEP_PATH_MOST) {
        if (state != IDLE)
            let_go();
        backend[0] = '\0';
        looked();
        return;
    }
    if (strcmp(backend, reply->payload) == 0) {
        ask_node(backend, "/state", got_state);
        return;
    }
    memcpy(backend, reply->payload, reply->length + 1);
    int length = snprintf(watch, sizeof(watch), "%s/state%cb", backend, 0);
    own_client_ask(XS_WATCH, watch, length + 1, watched);
}

static void look(void) {
    look_again = true;
    if (looking)
        return;
    looking = true;
    look_again = false;
    ask_node(DEVICE, "backend", got_backend);
}

static void watch_fired(void) {
    tries = 0;
    look();
}

static void began(const struct own_reply *reply) {
    static const char watch[] = DEVICE "backend\0f";
    if (reply->type != XS_ERROR)
        console_line("xenstored: serves its own domain, %s", reply->payload);
    looking = true;
    own_client_ask(XS_WATCH, watch, sizeof(watch), told);
}

void ninep_front_start(void) {
    char domid[16];
    if (!own_client_start(watch_fired))
        return;
    int length = snprintf(domid, sizeof(domid), "%d", event_remote_domain(boot.store_port));
    own_client_ask(XS_GET_DOMAIN_PATH, domid, length + 1, began);
}

bool ninep_front_leave(struct ninep_front_state *to) {
    *to = (struct ninep_front_state){.state = state,
                                     .page_reference = page_reference,
                                     .port = port,
                                     .granted_to = granted_to,
                                     .page = (uintptr_t)page,
                                     .data = (uintptr_t)data,
                                     .in_cons = ring.in_cons,
                                     .out_prod = ring.out_prod};
    memcpy(to->backend, backend, sizeof(backend));
    return ninep_session_leave(&to->session);
}

void ninep_front_continue(const struct ninep_front_state *from) {
    memcpy(backend, from->backend, sizeof(backend));
    state = from->state;
    page_reference = from->page_reference;
    port = from->port;
    granted_to = from->granted_to;
    page = (struct xen_9pfs_data_intf *)(uintptr_t)from->page;
    data = (void *)(uintptr_t)from->data;
    if (page)
        ninep_ring_continue(&ring, page, data, ORDER, from->in_cons, from->out_prod);
    if (state == CONNECTED)
        ninep_session_continue(&from->session, &ring);
    /* The watches are there. What the image before was asking is asked again. */
    if (own_client_start(watch_fired))
        look();
}

bool ninep_front_event(int fired) {
    if (fired != port || port < 0)
        return false;
    /* After a protocol error the session is over until the backend restarts. */
    ninep_session_event();
    return true;
}
