/*
 * The module for Xen's domains: domctl.c over /dev/xen/privcmd. It does not use libxenctrl, whose
 * name and interface change with every release of Xen. Of the two calls themselves only a version
 * number changes, which domctl.c finds.
 */
#include "stubdom/domctl.h"
#include "domains.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/event_channel.h>
#include <xen/xen.h>

/* From Linux's xen/privcmd.h. */
struct hypercall {
    uint64_t number, argument[5];
};
#define HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))

static int privcmd = -1;
/* The argument of the hypercall. Xen cannot handle a page fault on it, so the page is pinned. */
static union {
    struct domctl domctl;
    struct evtchn_status status;
} * shared;

long domctl_call(struct domctl *call) {
    struct hypercall hypercall = {__HYPERVISOR_domctl, {(uintptr_t)shared}};
    shared->domctl = *call;
    int result = ioctl(privcmd, HYPERCALL, &hypercall);
    if (result < 0)
        return -errno;
    *call = shared->domctl;
    return result;
}

static unsigned remote_port(unsigned local) {
    struct hypercall hypercall = {__HYPERVISOR_event_channel_op,
                                  {EVTCHNOP_status, (uintptr_t)shared}};
    shared->status = (struct evtchn_status){.dom = DOMID_SELF, .port = local};
    if (ioctl(privcmd, HYPERCALL, &hypercall) < 0 ||
        shared->status.status != EVTCHNSTAT_interdomain)
        return 0;
    return shared->status.u.interdomain.port;
}

static void *locked_page(void) {
    int fd = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        return page;
    }
    /* Linux before 4.18. */
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    if (page != MAP_FAILED)
        madvise(page, 4096, MADV_DONTFORK);
    return page;
}

static const char *start(void) {
    static char reason[128];
    struct domain_info dom0;

    privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (privcmd < 0) {
        snprintf(reason, sizeof(reason), "/dev/xen/privcmd: %s", strerror(errno));
        return reason;
    }
    void *page = locked_page();
    if (page == MAP_FAILED)
        return "no memory for hypercalls";
    shared = page;
    domctl_domain(0, &dom0);
    return dom0.state ? NULL : "this Xen does not answer its calls: it is too new, or not a Dom0";
}

const struct xen_domains xen_domains = {XEN_DOMAINS_VERSION, start, domctl_domain, domctl_changed,
                                        remote_port};
