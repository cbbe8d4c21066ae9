/* Apart from events.h: the console notifies, and events.c panics on the console. */
#ifndef MINI_OS_EVENT_NOTIFY_H
#define MINI_OS_EVENT_NOTIFY_H

#include <mini-os/hypercall.h>
#include <xen/event_channel.h>

/** Notifies the other end of an event channel. */
static inline void event_notify(unsigned port) {
    struct evtchn_send argument = {.port = port};
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &argument);
}

#endif
