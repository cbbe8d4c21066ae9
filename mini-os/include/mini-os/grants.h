/* Mapping of pages that other domains grant, and granting of own ones. */
#ifndef MINI_OS_GRANTS_H
#define MINI_OS_GRANTS_H

#include <stdint.h>

struct grant_mapping {
    void *address;
    uint32_t handle;
};

/** Maps one page read-write. 0, or a negative GNTST_* status; nothing is changed then. */
int grant_map(unsigned domid, uint32_t reference, struct grant_mapping *mapping);
void grant_unmap(const struct grant_mapping *mapping);
/** How many pages are mapped now. */
unsigned grants_mapped(void);
/** Lets a domain map a page read-write, for good. Returns the reference, or -1: there is none left.
 */
int grant_give(unsigned domid, const void *page);

#endif
