/* The domain's grant table: version 1, one page. */
#include <mini-os/arch.h>
#include <mini-os/grants.h>
#include <mini-os/handover.h>
#include <xen/grant_table.h>

#define ENTRIES (PAGE_SIZE / sizeof(struct grant_entry_v1))

static struct grant_entry_v1 *table;
/* The first entries are reserved for the domain builder (console, xenstore). */
static unsigned next = GNTTAB_NR_RESERVED_ENTRIES;

int grant_give(unsigned domid, const void *page) {
    if (!table)
        table = arch_map_grant_table();
    if (!table || next == ENTRIES)
        return -1;
    struct grant_entry_v1 *entry = &table[next];
    entry->domid = domid;
    entry->frame = arch_frame(page);
    /* The flags make the entry valid, so they are set last. */
    __atomic_store_n(&entry->flags, GTF_permit_access, __ATOMIC_RELEASE);
    return next++;
}

void grant_table_leave(struct handover_grants *to) {
    to->table = (uintptr_t)table;
    to->next = next;
}

void grant_table_continue(const struct handover_grants *from) {
    table = (struct grant_entry_v1 *)(uintptr_t)from->table;
    next = from->next;
}
