/* Maps pages that other domains grant, and grants pages of this domain (public/grant_table.h). */
#ifndef MINI_OS_GRANTS_H
#define MINI_OS_GRANTS_H

#include <stdint.h>

struct handover_grants;

struct grant_mapping {
    void *address;
    uint32_t handle; /* Xen's, for grant_unmap() */
};

/** Maps one page read-write. 0, or a negative GNTST_* status, and nothing is mapped. */
int grant_map(unsigned domid, uint32_t reference, struct grant_mapping *mapping);
/** Unmaps a page. If Xen refuses, its address is not used again. */
void grant_unmap(const struct grant_mapping *mapping);
/** The number of pages that are mapped now. */
unsigned grants_mapped(void);
/** What another image goes on with, and goes on: grants stay mapped where they are. */
void grants_leave(struct handover_grants *to);
void grants_continue(const struct handover_grants *from);
void grant_table_leave(struct handover_grants *to);
void grant_table_continue(const struct handover_grants *from);
/** Grants a page read-write, permanently. Returns the grant reference; -1: none is left. */
int grant_give(unsigned domid, const void *page);

#endif
