/* The start of a PV domain: page tables, traps, upcall. */
#include "paging.h"
#include <mini-os/arch.h>
#include <mini-os/hypercall.h>
#include <mini-os/image.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <mini-os/region.h>
#include <string.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#define TRAPS 20

extern void (*const trap_entries[TRAPS])(void);
void pv_upcall(void);
void pv_failsafe(void);
void pv_start(start_info_t *info) __attribute__((noreturn));
extern char __image_end[];

typedef void (*image_starter)(const struct image_load *load, void *stack);
extern char start_image[], start_image_end[];

static start_info_t *start_info;

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

/* Not in the image, because the page stays when another image comes. */
static void map_shared_info(const start_info_t *info) {
    void *page = page_take();
    if (!page)
        panic("no memory for the shared info page");
    /* Present, writable, user: Xen's page replaces the one at this address. */
    paging_set((uintptr_t)page, info->shared_info | 7);
    shared_info = page;
}

static void go_on(const start_info_t *info) {
    memcpy(boot.command_line, handover->command_line, sizeof(boot.command_line) - 1);
    boot.image_most = handover->memory.image_most;
    paging_continue(info);
    shared_info = (struct shared_info *)handover->shared_info;
}

void pv_start(start_info_t *info) {
    image_remember();
    boot.kind = "PV";
    start_info = info;
    handover = region_at((uintptr_t)info->mod_start, info->mod_len);
    if (handover) {
        go_on(info);
    } else {
        memcpy(boot.command_line, info->cmd_line, sizeof(boot.command_line) - 1);
        /* Behind the image are the builder's tables, whose place is fixed. */
        boot.image_most = (uintptr_t)__image_end;
        paging_init(info);
        map_shared_info(info);
    }
    set_traps();
    boot.store_page = page_of(info->store_mfn);
    boot.store_port = handover ? handover->store_port : info->store_evtchn;
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

const uint32_t arch_entry_note = XEN_NOTE_ENTRY;

void arch_image_start(struct image_load *load, struct handover *region, uint64_t hypercalls,
                      char *scratch) {
    void *code = scratch;
    struct image_load *kept = (struct image_load *)(scratch + PAGE_SIZE);
    char *stack = scratch + 2 * PAGE_SIZE, *calls = stack;

    memcpy(code, start_image, start_image_end - start_image);
    /* Xen fills this page only for the image that it starts itself. */
    memcpy(calls, hypercall_page, PAGE_SIZE);
    if (hypercalls)
        load->parts[load->count++] =
            (struct image_part){.to = hypercalls, .from = (uintptr_t)calls, .bytes = PAGE_SIZE};
    start_info->mod_start = (uintptr_t)region;
    start_info->mod_len = region->size;
    load->argument = (uintptr_t)start_info;
    *kept = *load;
    paging_make_code(code);
    paging_open_image(boot.image_most);
    ((image_starter)code)(kept, stack);
    __builtin_unreachable();
}
