/* The grant table: what other domains may map. Version 1, one page of it. */
#include <mini-os/arch.h>
#include <mini-os/grants.h>
#include <xen/grant_table.h>

#define ENTRIES (PAGE_SIZE / sizeof(struct grant_entry_v1))

static struct grant_entry_v1 *table;
/* The first ones are for tools: the builder has put console and xenstore there. */
static unsigned next = GNTTAB_NR_RESERVED_ENTRIES;

int grant_give(unsigned domid, const void *page) {
    if (!table)
        table = arch_map_grant_table();
    if (!table || next == ENTRIES)
        return -1;
    struct grant_entry_v1 *entry = &table[next];
    entry->domid = domid;
    entry->frame = arch_frame(page);
    /* The flags make it valid: last. */
    __atomic_store_n(&entry->flags, GTF_permit_access, __ATOMIC_RELEASE);
    return next++;
}
