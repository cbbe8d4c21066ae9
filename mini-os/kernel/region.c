#include <mini-os/region.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <mini-os/memory.h>
#include <string.h>

struct handover *region_at(uintptr_t module, size_t size) {
    struct handover *found = (struct handover *)module;
    if (!found || size < sizeof(*found) || memcmp(found->magic, HANDOVER_MAGIC, 8) != 0)
        return NULL;
    return found;
}

static unsigned pages_of(size_t size) {
    return (size + PAGE_SIZE - 1) / PAGE_SIZE;
}

struct handover *region_new(size_t size, size_t more) {
    uint64_t end = boot.heap_end;
    unsigned pages = pages_of(sizeof(struct handover) + size) + REGION_SCRATCH + pages_of(more);
    struct handover *region = memory_has_grown() ? NULL : pages_take(pages);
    if (!region)
        return NULL;
    memcpy(region->magic, HANDOVER_MAGIC, sizeof(region->magic));
    region->version = HANDOVER_VERSION;
    region->size = sizeof(*region) + size;
    region->store_port = boot.store_port;
    region->shared_info = (uintptr_t)shared_info;
    memory_leave(&region->memory);
    region->memory.heap_end = end;
    events_leave(&region->events);
    grants_leave(&region->grants);
    grant_table_leave(&region->grants);
    return region;
}

void region_drop(struct handover *region) {
    pages_give((region->memory.heap_end - (uintptr_t)region) / PAGE_SIZE);
}

size_t region_size(void) {
    return handover ? handover->memory.heap_end - (uintptr_t)handover : 0;
}

void region_done(void) {
    if (handover)
        boot.heap_end = handover->memory.heap_end;
    handover = NULL;
}

char *region_scratch(struct handover *region) {
    return (char *)region + pages_of(region->size) * PAGE_SIZE;
}

char *region_more(struct handover *region) {
    return region_scratch(region) + REGION_SCRATCH * PAGE_SIZE;
}
