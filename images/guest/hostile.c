#include "acts.h"
#include "client.h"
#include <mini-os/arch.h>
#include <mini-os/events.h>
#include <mini-os/hypercall.h>
#include <mini-os/panic.h>
#include <string.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/sched.h>

#define RECONNECTIONS 300
#define READ_WRITE 7 /* present, writable, user */

static struct reply reply;

static struct xenstore_domain_interface *ring(void) {
    return boot.store_page;
}

static void idle(void) {
    while (event_next() >= 0)
        ;
    event_wait(0);
}

static void stay(void) {
    for (;;)
        idle();
}

static void begin(void) {
    client_write("data/acting", "yes", &reply);
}

static void kick(void) {
    event_notify(boot.store_port);
}

/* Writes raw bytes into the ring. */
static void push(const void *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        while (ring()->req_prod - __atomic_load_n(&ring()->req_cons, __ATOMIC_ACQUIRE) ==
               XENSTORE_RING_SIZE)
            idle();
        ring()->req[MASK_XENSTORE_IDX(ring()->req_prod)] = ((const char *)bytes)[i];
        __atomic_store_n(&ring()->req_prod, ring()->req_prod + 1, __ATOMIC_RELEASE);
    }
}

void oversized(void) {
    struct xsd_sockmsg header = {.type = XS_WRITE, .len = XENSTORE_PAYLOAD_MAX + 1};
    begin();
    push(&header, sizeof(header));
    kick();
    stay();
}

void partial(void) {
    struct xsd_sockmsg header = {.type = XS_WRITE, .len = XENSTORE_PAYLOAD_MAX};
    begin();
    push(&header, sizeof(header));
    for (uint32_t i = 0; i < XENSTORE_PAYLOAD_MAX - 1; i++) {
        push("x", 1);
        kick();
    }
    /* The last byte never comes, but notifications do. */
    for (;;)
        kick();
}

void deaf(void) {
    static const char path[] = "/";
    struct xsd_sockmsg header = {.type = XS_DIRECTORY, .len = sizeof(path)};
    begin();
    for (;;) {
        push(&header, sizeof(header));
        push(path, sizeof(path));
        kick();
    }
}

void flood(void) {
    static const char write[] = "data/flood\0and no end";
    struct xsd_sockmsg header = {.type = XS_WRITE, .len = sizeof(write) - 1};
    begin();
    for (;;) {
        push(&header, sizeof(header));
        push(write, sizeof(write) - 1);
        __atomic_store_n(&ring()->rsp_cons, ring()->rsp_prod, __ATOMIC_RELEASE);
        kick();
    }
}

void storm(void) {
    struct xsd_sockmsg header = {.type = XS_WRITE, .len = 100};
    begin();
    for (unsigned i = 0; i < RECONNECTIONS; i++) {
        push(&header, sizeof(header));
        push("data/never", 5);
        __atomic_store_n(&ring()->connection, XENSTORE_RECONNECT, __ATOMIC_RELEASE);
        kick();
        while (__atomic_load_n(&ring()->connection, __ATOMIC_ACQUIRE) == XENSTORE_RECONNECT)
            idle();
    }
    client_write("data/after", "served", &reply);
    stay();
}

/* Maps the first page of the domain's grant table into the grant window. */
static struct grant_entry_v1 *grant_table(void) {
    uintptr_t address = GRANT_BASE;
    if (!arch_prepare_grant(address))
        panic("no room for the grant table");
    if (strcmp(boot.kind, "PVH") == 0) {
        struct xen_add_to_physmap add = {
            .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = address >> PAGE_SHIFT};
        if (hypercall_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add) != 0)
            panic("the grant table cannot be placed");
        return (void *)address;
    }
    xen_pfn_t frame;
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    set_xen_guest_handle(setup.frame_list, &frame);
    hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (uint64_t)&setup, 1);
    if (setup.status != GNTST_okay)
        panic("no grant table: %d", setup.status);
    if (hypercall3(__HYPERVISOR_update_va_mapping, address, frame << PAGE_SHIFT | READ_WRITE,
                   UVMF_INVLPG) != 0)
        panic("the grant table cannot be mapped");
    return (void *)address;
}

void revoke(void) {
    struct grant_entry_v1 *table = grant_table();
    begin();
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*table); i++)
        __atomic_store_n(&table[i].flags, 0, __ATOMIC_SEQ_CST);
    client_write("data/after", "served", &reply);
    stay();
}

void unbind(void) {
    struct evtchn_reset reset = {.dom = DOMID_SELF};
    begin();
    hypercall_op(__HYPERVISOR_event_channel_op, EVTCHNOP_reset, &reset);
    for (;;) {
        push("x", 1);
        kick();
    }
}

void half(void) {
    struct xsd_sockmsg header = {.type = XS_WRITE, .len = 100};
    push(&header, sizeof(header));
    push("data/half", 9);
    kick();
    stay();
}

void vanish(void) {
    struct xsd_sockmsg header = {.type = XS_WRITE, .len = 100};
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_poweroff};
    begin();
    push(&header, sizeof(header));
    kick();
    hypercall_op(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &shutdown);
    stay();
}
