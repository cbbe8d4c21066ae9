#include "dom0.h"
#include "stubdom/transport/link.h"
#include "stubdom/transport/ring_below.h"
#include "stubdom/transport/ring_link.h"
#include "domains.h"
#include "evtchn.h"
#include "domain_backend.h"
#include "poll.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <xen/grant_table.h>
#include <xen/xen.h>

#include <xen/sys/gntdev.h>

#define PAGE 4096
/* From Linux's xen/xenbus_dev.h. */
#define BACKEND "/dev/xen/xenbus_backend"
#define OWN_PAGE "/proc/xen/xsd_kva"
#define OWN_PORT "/proc/xen/xsd_port"
#define BACKEND_EVTCHN _IOC(_IOC_NONE, 'B', 0, 0)

static int gntdev = -1, domain_port = -1, timer = -1;
static void *own_page;

bool below_map(struct endpoint *endpoint) {
    if (endpoint->domid == 0) {
        endpoint->page = own_page;
        return own_page != NULL;
    }
    struct ioctl_gntdev_map_grant_ref map = {
        .count = 1, .refs[0] = {endpoint->domid, GNTTAB_RESERVED_XENSTORE}};
    if (ioctl(gntdev, IOCTL_GNTDEV_MAP_GRANT_REF, &map) != 0)
        return false;
    /* The index is the page's offset in the device, in bytes. */
    endpoint->handle = map.index / PAGE;
    endpoint->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, gntdev, map.index);
    if (endpoint->page != MAP_FAILED)
        return true;
    struct ioctl_gntdev_unmap_grant_ref unmap = {.index = map.index, .count = 1};
    ioctl(gntdev, IOCTL_GNTDEV_UNMAP_GRANT_REF, &unmap);
    return false;
}

void below_unmap(struct endpoint *endpoint) {
    if (endpoint->domid == 0)
        return;
    struct ioctl_gntdev_unmap_grant_ref unmap = {.index = (uint64_t)endpoint->handle * PAGE,
                                                 .count = 1};
    munmap(endpoint->page, PAGE);
    ioctl(gntdev, IOCTL_GNTDEV_UNMAP_GRANT_REF, &unmap);
}

int below_bind(unsigned domid, unsigned remote_port) {
    return evtchn_bind_interdomain(domid, remote_port);
}

void below_unbind(unsigned port) {
    evtchn_unbind(port);
}

void below_notify(unsigned port) {
    evtchn_notify(port);
}

static void fired(uint32_t port) {
    if (port == (uint32_t)domain_port || port == UINT32_MAX)
        link_raise(EVENT_DOMAINS);
    if (port == UINT32_MAX)
        ring_links_event_all();
    else
        ring_links_event(port);
}

static void look_at_rings(uint32_t number, uint32_t events) {
    uint64_t times;
    (void)number, (void)events;
    if (read(timer, &times, sizeof(times)) == sizeof(times))
        link_look_at_all();
}

static bool start_timer(void) {
    const struct timespec period = {.tv_nsec = LINK_LOOK_MILLISECONDS * 1000000L};
    const struct itimerspec periodic = {period, period};
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    poll_handler(POLL_TIMER, look_at_rings);
    return timer >= 0 && timerfd_settime(timer, 0, &periodic, NULL) == 0 &&
           poll_set(EPOLL_CTL_ADD, timer, EPOLLIN, POLL_TIMER, 0) == 0;
}

static void *map_own_page(const char *file) {
    int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

static int ask_own_port(void) {
    int fd = open(BACKEND, O_RDWR | O_CLOEXEC);
    int port = fd < 0 ? -1 : ioctl(fd, BACKEND_EVTCHN);
    if (fd >= 0)
        close(fd);
    return port;
}

static int read_own_port(const char *name) {
    int port = -1;
    FILE *file = fopen(name, "re");
    if (file && fscanf(file, "%d", &port) != 1)
        port = -1;
    if (file)
        fclose(file);
    return port;
}

bool dom0_is_here(void) {
    return access(BACKEND, F_OK) == 0 || access(OWN_PORT, F_OK) == 0;
}

const char *dom0_try(const struct given *given) {
    return domains_load(given->domains_module);
}

/* The kernel's device, or in its absence the files of an older kernel. With a port of 0 or more
 * nothing is asked: it is bound already. */
static bool find_own_page(const struct given *given, int *port) {
    own_page = map_own_page(BACKEND);
    if (own_page && *port < 0)
        *port = ask_own_port();
    if (own_page && *port >= 0)
        return true;
    own_page = map_own_page(given->xenstored_kva ? given->xenstored_kva : OWN_PAGE);
    if (own_page && *port < 0)
        *port = read_own_port(given->xenstored_port ? given->xenstored_port : OWN_PORT);
    return own_page && *port >= 0;
}

/* Bound before any domain is introduced, so that no death is missed. */
static const char *bind_domain_port(void) {
    static char reason[128];
    domain_port = evtchn_bind_virq(VIRQ_DOM_EXC);
    if (domain_port >= 0)
        return NULL;
    snprintf(reason, sizeof(reason), "VIRQ_DOM_EXC: %s (does another store run?)", strerror(errno));
    return reason;
}

const char *dom0_start(const struct given *given, struct platform_config *config, int evtchn_fd) {
    static char reason[128];
    int port = evtchn_fd >= 0 ? 0 : -1;

    const char *wrong = domains_load(given->domains_module);
    if (wrong)
        return wrong;
    gntdev = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
    if (gntdev < 0) {
        snprintf(reason, sizeof(reason), "/dev/xen/gntdev: %s", strerror(errno));
        return reason;
    }
    wrong = evtchn_start(fired, evtchn_fd);
    if (wrong)
        return wrong;
    if (!start_timer())
        return "the timer of the periodic look at rings cannot be started";
    if (!find_own_page(given, &port))
        return "Dom0's own xenstore page cannot be mapped: another store serves it, or not root";
    if (evtchn_fd < 0)
        config->priv_port = port;
    return bind_domain_port();
}

static void leave(bool leaves) {
    if (leaves && domain_port >= 0)
        evtchn_unbind(domain_port);
    domain_port = -1;
    if (!leaves)
        bind_domain_port();
}

static int adopt_domain(unsigned domid, unsigned local_port) {
    return ring_link_adopt(domid, local_port, domains->remote_port(local_port));
}

static int open_domain(unsigned domid, unsigned port) {
    return ring_link_open(domid, port);
}

static void domain(unsigned domid, struct domain_info *info) {
    domains->domain(domid, info);
}

static int changed(struct domain_info *infos, int most) {
    return domains->changed(infos, most);
}

static void nothing(void) {
}

const struct domain_backend dom0_backend = {
    .open = open_domain,
    .rebind = ring_link_rebind,
    .adopt = adopt_domain,
    .domain = domain,
    .changed = changed,
    .poll = nothing,
    .stop = nothing,
    .moves = true,
    .leave = leave,
};
