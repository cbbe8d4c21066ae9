/* Maps grants into the slots of the grant window, one page each. */
#include <mini-os/arch.h>
#include <mini-os/grants.h>
#include <mini-os/handover.h>
#include <mini-os/hypercall.h>
#include <string.h>
#include <xen/grant_table.h>

#define WORD_BITS 64
/* Xen returns GNTST_eagain while the page is being paged in. */
#define RETRIES 1000

static uint64_t taken[GRANT_SLOTS / WORD_BITS];
static unsigned first_free_word;
static unsigned mapped;

static int slot_take(void) {
    for (unsigned word = first_free_word; word < GRANT_SLOTS / WORD_BITS; word++) {
        if (~taken[word]) {
            unsigned bit = __builtin_ctzl(~taken[word]);
            taken[word] |= 1UL << bit;
            first_free_word = word;
            return word * WORD_BITS + bit;
        }
    }
    first_free_word = GRANT_SLOTS / WORD_BITS;
    return -1;
}

static void slot_give(unsigned slot) {
    taken[slot / WORD_BITS] &= ~(1UL << (slot % WORD_BITS));
    if (slot / WORD_BITS < first_free_word)
        first_free_word = slot / WORD_BITS;
}

static uintptr_t slot_address(unsigned slot) {
    return GRANT_BASE + slot * PAGE_SIZE;
}

int grant_map(unsigned domid, uint32_t reference, struct grant_mapping *mapping) {
    int slot = slot_take();
    if (slot < 0)
        return GNTST_no_space;
    uintptr_t address = slot_address(slot);
    if (!arch_prepare_grant(address)) {
        slot_give(slot);
        return GNTST_no_space;
    }
    struct gnttab_map_grant_ref argument = {
        .host_addr = address, .flags = GNTMAP_host_map, .ref = reference, .dom = domid};
    for (int tries = 0;; tries++) {
        long error =
            hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, (uint64_t)&argument, 1);
        if (error)
            argument.status = GNTST_general_error;
        if (argument.status != GNTST_eagain || tries == RETRIES)
            break;
    }
    if (argument.status != GNTST_okay) {
        slot_give(slot);
        return argument.status;
    }
    mapping->address = (void *)address;
    mapping->handle = argument.handle;
    mapped++;
    return 0;
}

void grant_unmap(const struct grant_mapping *mapping) {
    uintptr_t address = (uintptr_t)mapping->address;
    struct gnttab_unmap_grant_ref argument = {.host_addr = address, .handle = mapping->handle};
    hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, (uint64_t)&argument, 1);
    mapped--;
    /* A page that could not be unmapped keeps its slot: no other page may be mapped there. */
    if (argument.status == GNTST_okay)
        slot_give((address - GRANT_BASE) / PAGE_SIZE);
}

/* Grants stay mapped, in the slots that they have. */
void grants_leave(struct handover_grants *to) {
    memcpy(to->slots, taken, sizeof(taken));
    to->mapped = mapped;
}

void grants_continue(const struct handover_grants *from) {
    memcpy(taken, from->slots, sizeof(taken));
    first_free_word = 0;
    mapped = from->mapped;
}

unsigned grants_mapped(void) {
    return mapped;
}
