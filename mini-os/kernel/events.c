/* Event channels over the pending bitmap in the shared info page. */
#include <mini-os/arch.h>
#include <mini-os/events.h>
#include <mini-os/hypercall.h>
#include <mini-os/panic.h>
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#define WORD_BITS 64

static uint64_t selector; /* words of the bitmap still to look at */
static uint64_t timer_deadline;
static int timer_port;

static struct vcpu_info *vcpu(void) {
    return &shared_info->vcpu_info[0];
}

void event_unmask(unsigned port) {
    struct evtchn_unmask argument = {.port = port};
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, &argument);
}

void events_init(void) {
    for (unsigned i = 0; i < EVENT_PORTS / WORD_BITS; i++)
        shared_info->evtchn_mask[i] = ~0UL;
    timer_port = event_bind_virq(VIRQ_TIMER);
    if (timer_port < 0)
        panic("binding VIRQ_TIMER failed: %d", timer_port);
}

int event_bind_interdomain(unsigned domid, unsigned remote_port) {
    struct evtchn_bind_interdomain argument = {.remote_dom = domid, .remote_port = remote_port};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &argument);
    if (error)
        return error;
    if (argument.local_port >= EVENT_PORTS) {
        event_close(argument.local_port);
        return -28; /* ENOSPC: the 2-level ABI ends here */
    }
    event_unmask(argument.local_port);
    return argument.local_port;
}

int event_bind_virq(unsigned virq) {
    struct evtchn_bind_virq argument = {.virq = virq, .vcpu = 0};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &argument);
    if (error)
        return error;
    event_unmask(argument.port);
    return argument.port;
}

int event_alloc_unbound(unsigned remote_domid) {
    struct evtchn_alloc_unbound argument = {.dom = DOMID_SELF, .remote_dom = remote_domid};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &argument);
    if (error)
        return error;
    event_unmask(argument.port);
    return argument.port;
}

void event_close(unsigned port) {
    struct evtchn_close argument = {.port = port};
    if (port < EVENT_PORTS) {
        /* A number that Xen gives again must not find the past of this one. */
        __atomic_fetch_or(&shared_info->evtchn_mask[port / WORD_BITS], 1UL << (port % WORD_BITS),
                          __ATOMIC_SEQ_CST);
        __atomic_fetch_and(&shared_info->evtchn_pending[port / WORD_BITS],
                           ~(1UL << (port % WORD_BITS)), __ATOMIC_SEQ_CST);
    }
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &argument);
}

void event_notify(unsigned port) {
    struct evtchn_send argument = {.port = port};
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &argument);
}

int event_remote_domain(unsigned port) {
    struct evtchn_status argument = {.dom = DOMID_SELF, .port = port};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &argument);
    if (error || argument.status != EVTCHNSTAT_interdomain)
        return -1;
    return argument.u.interdomain.dom;
}

int event_next(void) {
    for (;;) {
        if (!selector) {
            if (!vcpu()->evtchn_upcall_pending)
                return -1;
            /* Cleared before the selector is taken: what comes after sets it again. */
            vcpu()->evtchn_upcall_pending = 0;
            selector = __atomic_exchange_n(&vcpu()->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
            if (!selector)
                return -1;
        }
        unsigned word = __builtin_ctzl(selector);
        uint64_t bits = __atomic_load_n(&shared_info->evtchn_pending[word], __ATOMIC_SEQ_CST) &
                        ~shared_info->evtchn_mask[word];
        if (!bits) {
            selector &= selector - 1;
            continue;
        }
        uint64_t bit = bits & -bits;
        __atomic_fetch_and(&shared_info->evtchn_pending[word], ~bit, __ATOMIC_SEQ_CST);
        int port = word * WORD_BITS + __builtin_ctzl(bit);
        if (port != timer_port)
            return port;
        timer_deadline = 0;
    }
}

void event_wait(uint64_t deadline_ns) {
    if (selector || vcpu()->evtchn_upcall_pending)
        return;
    if (deadline_ns && (!timer_deadline || deadline_ns < timer_deadline)) {
        /* An earlier timer that still runs only wakes the program once in vain. */
        timer_deadline = deadline_ns;
        hypercall2(__HYPERVISOR_set_timer_op, deadline_ns, 0);
    }
    arch_idle();
}
