/*
 * Event channels over the FIFO ABI (public/event_channel.h). Each port has a word; the words of
 * pending ports are linked into one queue for each priority. Xen adds ports at the tail, and this
 * code removes them at the head.
 */
#include <mini-os/arch.h>
#include <mini-os/clock.h>
#include <mini-os/compiler.h>
#include <mini-os/events.h>
#include <mini-os/handover.h>
#include <mini-os/hypercall.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <string.h>
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define LINKED (1U << EVTCHN_FIFO_LINKED)
#define NO_SPACE 28

static struct evtchn_fifo_control_block *control HOT_DATA;
static event_word_t *words[EVENT_PAGES] HOT_DATA;
static unsigned ports HOT_DATA; /* number of ports with a word */
static uint32_t ready HOT_DATA; /* queues that are not empty, one bit each */
static uint32_t
    heads[EVTCHN_FIFO_MAX_QUEUES] HOT_DATA; /* the next port of each queue; 0: see control->head */
static uint64_t timer_deadline HOT_DATA;
static int timer_port HOT_DATA;

static struct vcpu_info *vcpu(void) {
    return &shared_info->vcpu_info[0];
}

/* Xen sets it whenever it adds a port to a queue, so it is read again each time. */
static bool upcall_pending(void) {
    return __atomic_load_n(&vcpu()->evtchn_upcall_pending, __ATOMIC_RELAXED) != 0;
}

static event_word_t *word_of(unsigned port) {
    return &words[port / EVENT_WORDS_PER_PAGE][port % EVENT_WORDS_PER_PAGE];
}

/* Adds pages of words up to a port. Until then, Xen keeps its pending state. False: no memory. */
static bool have_word(unsigned port) {
    while (port >= ports) {
        event_word_t *page = page_take();
        if (!page)
            return false;
        struct evtchn_expand_array expand = {.array_gfn = arch_frame(page)};
        if (hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, &expand) != 0)
            return false;
        words[ports / EVENT_WORDS_PER_PAGE] = page;
        ports += EVENT_WORDS_PER_PAGE;
    }
    return true;
}

void event_unmask(unsigned port) {
    struct evtchn_unmask argument = {.port = port};
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, &argument);
}

void events_init(void) {
    control = page_take();
    if (!control)
        panic("no memory for event channels");
    struct evtchn_init_control init = {.control_gfn = arch_frame(control)};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_init_control, &init);
    if (error)
        panic("this Xen has no FIFO event channels: %ld", error);
    timer_port = event_bind_virq(VIRQ_TIMER);
    if (timer_port < 0)
        panic("binding VIRQ_TIMER failed: %d", timer_port);
}

/* Xen knows these pages until the domain ends. */
void events_leave(struct handover_events *to) {
    to->control = (uintptr_t)control;
    for (unsigned i = 0; i < ports / EVENT_WORDS_PER_PAGE; i++)
        to->pages[i] = (uintptr_t)words[i];
    to->ports = ports;
    to->ready = ready;
    memcpy(to->heads, heads, sizeof(heads));
    to->timer_port = timer_port;
}

void events_continue(const struct handover_events *from) {
    control = (struct evtchn_fifo_control_block *)(uintptr_t)from->control;
    ports = from->ports;
    for (unsigned i = 0; i < ports / EVENT_WORDS_PER_PAGE; i++)
        words[i] = (event_word_t *)(uintptr_t)from->pages[i];
    ready = from->ready;
    memcpy(heads, from->heads, sizeof(heads));
    timer_port = from->timer_port;
}

/* Completes a new port: adds its word and unmasks it. */
static int made(unsigned port) {
    if (!have_word(port)) {
        event_close(port);
        return -NO_SPACE;
    }
    event_unmask(port);
    return port;
}

int event_bind_interdomain(unsigned domid, unsigned remote_port) {
    struct evtchn_bind_interdomain argument = {.remote_dom = domid, .remote_port = remote_port};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &argument);
    return error ? (int)error : made(argument.local_port);
}

int event_bind_virq(unsigned virq) {
    struct evtchn_bind_virq argument = {.virq = virq, .vcpu = 0};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &argument);
    return error ? (int)error : made(argument.port);
}

int event_alloc_unbound(unsigned remote_domid) {
    struct evtchn_alloc_unbound argument = {.dom = DOMID_SELF, .remote_dom = remote_domid};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &argument);
    return error ? (int)error : made(argument.port);
}

void event_close(unsigned port) {
    struct evtchn_close argument = {.port = port};
    /* Xen may reuse the number: the new port must not begin as pending. */
    if (port < ports)
        __atomic_fetch_and(word_of(port), ~PENDING, __ATOMIC_SEQ_CST);
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &argument);
}

int event_remote_domain(unsigned port) {
    struct evtchn_status argument = {.dom = DOMID_SELF, .port = port};
    long error = hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &argument);
    if (error || argument.status != EVTCHNSTAT_interdomain)
        return -1;
    return argument.u.interdomain.dom;
}

/* Clears a port's pending bit and removes it from its queue in one step; a later event adds it
 * again. Returns the old word, which links to the next port (0: none). */
static event_word_t take_word(event_word_t *word) {
    event_word_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(word, &old,
                                        old & ~(PENDING | LINKED | EVTCHN_FIFO_LINK_MASK), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        ;
    return old;
}

/* Whether a port is pending. Handles the timer's port, and returns false for it. */
static inline bool is_news(unsigned port, event_word_t word) {
    if (!(word & PENDING))
        return false;
    if ((int)port != timer_port)
        return true;
    timer_deadline = 0;
    return false;
}

int event_next(void) {
    if (upcall_pending()) {
        /* Clear it before the queues are read: a later event sets it again. */
        __atomic_store_n(&vcpu()->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
        ready |= __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST);
    }
    while (ready) {
        unsigned queue = __builtin_ctz(ready); /* the lowest has the highest priority */
        unsigned port = heads[queue];
        if (!port)
            port = __atomic_load_n(&control->head[queue], __ATOMIC_ACQUIRE);
        event_word_t word = 0;
        if (port && port < ports)
            word = take_word(word_of(port));
        heads[queue] = word & EVTCHN_FIFO_LINK_MASK;
        if (!heads[queue])
            ready &= ~(1U << queue);
        if (is_news(port, word))
            return port;
    }
    return -1;
}

bool event_waiting(void) {
    return ready != 0 || upcall_pending();
}

void event_set_timer(uint64_t deadline_ns) {
    /* An earlier deadline only wakes the program once without need. */
    if (timer_deadline && timer_deadline <= deadline_ns)
        return;
    timer_deadline = deadline_ns;
    hypercall2(__HYPERVISOR_set_timer_op, deadline_ns, 0);
}

bool event_timer_is_set(void) {
    return timer_deadline != 0;
}

void event_wait(uint64_t deadline_ns) {
    if (event_waiting())
        return;
    if (deadline_ns)
        event_set_timer(deadline_ns);
    arch_idle();
    clock_woken();
}
