#include "simulate.h"
#include "stubdom/transport/link.h"
#include "domain_backend.h"
#include "poll.h"
#include "listen.h"
#include "stream.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xen/xen.h>

#define NO_CLIENT (-1)

/* All zero: a domain that exists and is not introduced. */
struct simulated {
    uint32_t instance;
    bool destroyed, shutdown, changed;
    bool introduced;
    bool ended; /* the client has shut down its side, but may still read replies */
    int listener, link;
};

static struct simulated domains[DOMID_FIRST_RESERVED];
static char directory[PATH_MAX];
static bool any_ended;

static const char *socket_path(unsigned domid) {
    static char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/%u.sock", directory, domid);
    return path;
}

static void listen_for_client(unsigned domid, bool wanted) {
    poll_set(EPOLL_CTL_MOD, domains[domid].listener, wanted ? EPOLLIN : 0, POLL_DOMAIN, domid);
}

static void disconnect(struct endpoint *endpoint) {
    if (endpoint->fd == NO_CLIENT)
        return;
    close(endpoint->fd);
    endpoint->fd = NO_CLIENT;
    domains[endpoint->domid].ended = false;
    listen_for_client(endpoint->domid, true);
}

static int take(struct endpoint *endpoint, void *to, size_t room) {
    struct simulated *domain = &domains[endpoint->domid];
    if (endpoint->fd == NO_CLIENT || domain->ended)
        return 0;
    int taken = stream_take(endpoint, to, room);
    if (taken >= 0)
        return taken;
    /* The end of a client is not an error of the link: a guest can stop, too. */
    domain->ended = any_ended = true;
    return 0;
}

static int put(struct endpoint *endpoint, const void *from, size_t length) {
    if (endpoint->fd == NO_CLIENT)
        return 0; /* as a full ring that is not read */
    int put = stream_put(endpoint, from, length);
    return put < 0 ? (int)length : put;
}

static void shut(struct endpoint *endpoint, enum link_error error) {
    (void)error;
    disconnect(endpoint);
}

static void close_domain(struct endpoint *endpoint) {
    struct simulated *domain = &domains[endpoint->domid];
    disconnect(endpoint);
    close(domain->listener);
    unlink(socket_path(endpoint->domid));
    domain->introduced = false;
}

static const struct transport simulated_transport = {
    .take = take,
    .put = put,
    .notify = stream_nothing,
    .reset = disconnect,
    .announce = stream_nothing,
    .set_features = stream_no_features,
    .shut = shut,
    .close = close_domain,
};

/* Accepts a client, as a guest that starts: the buffers of the one before are dropped. */
static void accept_client(uint32_t domid, uint32_t events) {
    struct simulated *domain = &domains[domid];
    struct endpoint *endpoint = link_endpoint(domain->link);
    (void)events;
    int fd = accept4(domain->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    link_restarted(domain->link);
    endpoint->fd = fd;
    endpoint->drained = endpoint->hung_up = endpoint->wants_room = false;
    listen_for_client(domid, false);
    if (!stream_watch(endpoint))
        disconnect(endpoint);
}

const char *simulate_start(const char *name) {
    static char reason[256];
    if ((mkdir(name, 0755) == 0 || errno == EEXIST) && realpath(name, directory)) {
        poll_handler(POLL_DOMAIN, accept_client);
        return NULL;
    }
    snprintf(reason, sizeof(reason), "simulating domains in %s: %s", name, strerror(errno));
    return reason;
}

static void stop(void) {
    for (unsigned domid = 0; domid < DOMID_FIRST_RESERVED; domid++)
        if (domains[domid].introduced)
            unlink(socket_path(domid));
}

/* Closes the sockets of clients that have ended, and accepts others. */
static void poll_sockets(void) {
    if (!any_ended)
        return;
    any_ended = false;
    for (unsigned domid = 0; domid < DOMID_FIRST_RESERVED; domid++)
        if (domains[domid].ended)
            disconnect(link_endpoint(domains[domid].link));
}

static int open_domain(unsigned domid, unsigned port) {
    (void)port;
    if (domid >= DOMID_FIRST_RESERVED)
        return -1;
    struct simulated *domain = &domains[domid];
    if (domain->destroyed)
        simulate_state(domid, DOMAIN_EXIST);
    domain->listener = listen_at(socket_path(domid));
    if (domain->listener < 0)
        return -1;
    struct endpoint endpoint = {.domid = (int)domid, .fd = NO_CLIENT};
    domain->link = -1;
    if (poll_set(EPOLL_CTL_ADD, domain->listener, EPOLLIN, POLL_DOMAIN, domid) == 0)
        domain->link = link_add(&simulated_transport, &endpoint);
    if (domain->link < 0) {
        close(domain->listener);
        unlink(socket_path(domid));
        return -1;
    }
    link_endpoint(domain->link)->link = domain->link;
    domain->introduced = true;
    return domain->link;
}

static void domain_state(unsigned domid, struct domain_info *info) {
    *info = (struct domain_info){.domid = domid};
    if (domid >= DOMID_FIRST_RESERVED || domains[domid].destroyed)
        return;
    info->state = DOMAIN_EXIST | (domains[domid].shutdown ? DOMAIN_SHUTDOWN : 0);
    info->unique_id = ((uint64_t)domains[domid].instance + 1) << 16 | domid;
}

static int changed(struct domain_info *infos, int most) {
    int count = 0;
    for (unsigned domid = 0; domid < DOMID_FIRST_RESERVED && count < most; domid++) {
        if (!domains[domid].changed)
            continue;
        domains[domid].changed = false;
        domain_state(domid, &infos[count++]);
    }
    return count;
}

bool simulate_state(unsigned domid, unsigned state) {
    if (domid >= DOMID_FIRST_RESERVED)
        return false;
    struct simulated *domain = &domains[domid];
    domain->destroyed = !(state & DOMAIN_EXIST);
    domain->shutdown = state & DOMAIN_SHUTDOWN;
    if (state == DOMAIN_EXIST)
        domain->instance++;
    domain->changed = true;
    link_raise(EVENT_DOMAINS);
    return true;
}

static bool rebind(int link, unsigned port) {
    (void)link, (void)port;
    return true;
}

/* Another process has no simulated domains. */
static int adopt(unsigned domid, unsigned local_port) {
    (void)domid, (void)local_port;
    return -1;
}

const struct domain_backend simulated_backend = {
    .open = open_domain,
    .rebind = rebind,
    .adopt = adopt,
    .domain = domain_state,
    .changed = changed,
    .poll = poll_sockets,
    .stop = stop,
};
