/* Maps pages that other domains grant, and grants pages of this domain (public/grant_table.h). */
#ifndef MINI_OS_GRANTS_H
#define MINI_OS_GRANTS_H

#include <stdint.h>

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
/** Grants a page read-write, permanently. Returns the grant reference; -1: none is left. */
int grant_give(unsigned domid, const void *page);

#endif
