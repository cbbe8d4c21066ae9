#include "evtchn.h"
#include "poll.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <xen/xen.h>

#include <xen/sys/evtchn.h>

#define MOST_PORTS 128

static int device = -1;
static void (*told)(uint32_t port);

static void ready(uint32_t number, uint32_t events) {
    uint32_t fired[MOST_PORTS];
    (void)number, (void)events;
    ssize_t length = read(device, fired, sizeof(fired));
    if (length < 0 && errno == EFBIG) {
        /* The kernel's buffer overflowed, and its events are lost. */
        ioctl(device, IOCTL_EVTCHN_RESET, 0);
        told(UINT32_MAX);
        return;
    }
    if (length <= 0)
        return;
    /* Unmask the ports before the rings are read, so that no event is missed. */
    if (write(device, fired, length) != length)
        told(UINT32_MAX);
    for (size_t i = 0; i < length / sizeof(fired[0]); i++)
        told(fired[i]);
}

const char *evtchn_start(void (*fired)(uint32_t port), int inherited) {
    static char reason[128];
    told = fired;
    device = inherited;
    if (device < 0)
        device = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    else if (fcntl(device, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
        device = -1;
    poll_handler(POLL_EVTCHN, ready);
    if (device >= 0 && poll_set(EPOLL_CTL_ADD, device, EPOLLIN, POLL_EVTCHN, 0) == 0)
        return NULL;
    snprintf(reason, sizeof(reason), "/dev/xen/evtchn: %s", strerror(errno));
    return reason;
}

int evtchn_fd(void) {
    return device;
}

int evtchn_bind_interdomain(unsigned domid, unsigned remote_port) {
    struct ioctl_evtchn_bind_interdomain bind = {domid, remote_port};
    return ioctl(device, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);
}

int evtchn_bind_virq(unsigned virq) {
    struct ioctl_evtchn_bind_virq bind = {virq};
    return ioctl(device, IOCTL_EVTCHN_BIND_VIRQ, &bind);
}

void evtchn_unbind(unsigned port) {
    struct ioctl_evtchn_unbind unbind = {port};
    ioctl(device, IOCTL_EVTCHN_UNBIND, &unbind);
}

void evtchn_notify(unsigned port) {
    struct ioctl_evtchn_notify notify = {port};
    /* An error means that the peer is gone. */
    ioctl(device, IOCTL_EVTCHN_NOTIFY, &notify);
}
