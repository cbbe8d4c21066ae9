/* The start of a PV domain: page tables, traps, upcall. */
#include "paging.h"
#include <mini-os/arch.h>
#include <mini-os/hypercall.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <string.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#define TRAPS 20

extern void (*const trap_entries[TRAPS])(void);
void pv_upcall(void);
void pv_failsafe(void);
void pv_start(const start_info_t *info) __attribute__((noreturn));

static char shared_info_page[PAGE_SIZE] __attribute__((aligned(4096)));

static void set_traps(void) {
    static struct trap_info table[TRAPS + 1];
    for (unsigned vector = 0; vector < TRAPS; vector++) {
        table[vector].vector = vector;
        table[vector].cs = FLAT_KERNEL_CS;
        table[vector].address = (unsigned long)trap_entries[vector];
    }
    hypercall2(__HYPERVISOR_set_trap_table, (uint64_t)table, 0);
    hypercall3(__HYPERVISOR_set_callbacks, (uint64_t)pv_upcall, (uint64_t)pv_failsafe, 0);
}

/* Frame 0 is Xen's own: the domain builder has set none. */
static void *page_of(unsigned long frame) {
    return frame ? (void *)paging_address_of_frame(frame) : NULL;
}

void pv_start(const start_info_t *info) {
    boot.kind = "PV";
    memcpy(boot.command_line, info->cmd_line, sizeof(boot.command_line) - 1);
    paging_init(info);
    /* Present, writable, user: Xen's page replaces the one at this address. */
    paging_set((uintptr_t)shared_info_page, info->shared_info | 7);
    shared_info = (struct shared_info *)shared_info_page;
    set_traps();
    boot.store_page = page_of(info->store_mfn);
    boot.store_port = info->store_evtchn;
    boot.console_page = page_of(info->console.domU.mfn);
    boot.console_port = info->console.domU.evtchn;
    kernel_start();
}

void *arch_map_grant_table(void) {
    xen_pfn_t frame;
    struct gnttab_setup_table argument = {.dom = DOMID_SELF, .nr_frames = 1};
    void *page = page_take();
    set_xen_guest_handle(argument.frame_list, &frame);
    if (!page ||
        hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (uint64_t)&argument, 1) ||
        argument.status != GNTST_okay)
        return NULL;
    paging_set((uintptr_t)page, frame << PAGE_SHIFT | 7);
    return page;
}

void arch_idle(void) {
    /* Xen opens the upcall mask and blocks in one step, so no event is lost in between. */
    hypercall2(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
    /* After a wake-up without an upcall (of a stopped timer) the mask is still open. */
    shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
}

uintptr_t arch_fault_address(void) {
    return shared_info ? shared_info->vcpu_info[0].arch.cr2 : 0;
}

void arch_early_write(const char *text, size_t length) {
    /* A release build of Xen refuses this to a guest. Then only the console ring has the text. */
    hypercall3(__HYPERVISOR_console_io, CONSOLEIO_write, length, (uint64_t)text);
}
