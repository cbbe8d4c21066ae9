#include <mini-os/arch.h>
#include <mini-os/handover.h>
#include <mini-os/hypercall.h>
#include <mini-os/memory.h>
#include <string.h>
#include <xen/memory.h>

/* Pages by which the heap grows behind the memory of the start. */
#define STEP 64
/* Bytes of the memory of the start that are reserved for single pages, if the heap may grow. */
#define KEPT (64 * PAGE_SIZE)

static uintptr_t heap_break; /* 0: not initialized */
static uintptr_t heap_first;

/* Addresses behind the memory of the start. */
struct more {
    uintptr_t start, populated, end; /* start == end: the heap cannot grow */
};
static struct more more;
static void (*heap_grows)(size_t most);

static void begin(void) {
    if (!heap_break)
        heap_break = heap_first = (boot.heap_start + PAGE_SIZE - 1) & -PAGE_SIZE;
}

static bool in_first_part(void) {
    return heap_first < more.start || more.start == more.end;
}

static uintptr_t first_end(void) {
    return more.start == more.end ? boot.heap_end : boot.heap_end - KEPT;
}

void *pages_take(unsigned count) {
    begin();
    uintptr_t lowest = in_first_part() ? heap_break : first_end();
    /* Until region_done(), the end of the heap is not the end of free memory. */
    if (handover || boot.heap_end < lowest + count * PAGE_SIZE)
        return NULL;
    boot.heap_end -= count * PAGE_SIZE;
    return memset((void *)boot.heap_end, 0, count * PAGE_SIZE);
}

void pages_give(unsigned count) {
    boot.heap_end += count * PAGE_SIZE;
}

void *page_take(void) {
    return pages_take(1);
}

void memory_init(void (*grows)(size_t most)) {
    heap_grows = grows;
    domid_t self = DOMID_SELF;
    long have = hypercall_op(__HYPERVISOR_memory_op, XENMEM_current_reservation, &self);
    long most = hypercall_op(__HYPERVISOR_memory_op, XENMEM_maximum_reservation, &self);
    uintptr_t start = ((uintptr_t)have + STEP - 1) / STEP * STEP * PAGE_SIZE;
    /* A small difference is only the builder's slack. */
    if (have <= 0 || most < have + 2 * STEP || start + (most - have) * PAGE_SIZE > GRANT_BASE / 2)
        return;
    begin();
    uintptr_t end = start + (uintptr_t)(most - have - STEP) / STEP * STEP * PAGE_SIZE;
    for (uintptr_t address = start; address < end; address += 512 * PAGE_SIZE)
        if (!arch_prepare_grant(address) || boot.heap_end < heap_break + 2 * KEPT)
            end = address;
    if (end > start && !arch_prepare_grant(end - PAGE_SIZE))
        end = start;
    more.start = more.populated = start;
    more.end = end;
}

void memory_leave(struct handover_memory *to) {
    to->heap_start = boot.heap_start;
    to->image_most = boot.image_most;
    to->more_start = more.start;
    to->more_end = more.end;
}

void memory_continue(const struct handover_memory *from, void (*grows)(size_t most)) {
    heap_grows = grows;
    more.start = more.populated = from->more_start;
    more.end = from->more_end;
}

bool memory_has_grown(void) {
    begin();
    return !in_first_part();
}

uintptr_t memory_used_end(void) {
    begin();
    return heap_break;
}

/* Populates pages from `more.populated` up to `end`. */
static bool populate(uintptr_t end) {
    while (more.populated < end) {
        if (!arch_populate(more.populated, STEP))
            return false;
        more.populated += STEP * PAGE_SIZE;
    }
    return true;
}

size_t memory_left(void) {
    begin();
    if (in_first_part())
        return (first_end() > heap_break ? first_end() - heap_break : 0) + (more.end - more.start);
    return more.end - heap_break;
}

size_t memory_total(void) {
    begin();
    return boot.heap_end - heap_first;
}

void *heap_grow(ptrdiff_t increment);

/* Moves the heap's end behind the memory of the start. The allocator handles a gap. */
static bool leave_first_part(size_t increment) {
    if (!in_first_part() || increment > more.end - more.start)
        return false;
    if (!populate(more.start + increment))
        return false;
    heap_grows(more.end - more.start);
    heap_break = heap_first = more.start;
    return true;
}

/* sbrk() for newlib's malloc(). NULL: no memory. */
void *heap_grow(ptrdiff_t increment) {
    begin();
    if (increment < 0 && (size_t)-increment > heap_break - heap_first)
        return NULL;
    if (increment > 0) {
        uintptr_t end = in_first_part() ? first_end() : more.end;
        bool fits = heap_break < end && (size_t)increment <= end - heap_break;
        if (!fits && !leave_first_part(increment))
            return NULL;
        if (fits && !in_first_part() && !populate(heap_break + increment))
            return NULL;
    }
    uintptr_t old = heap_break;
    heap_break += increment;
    return (void *)old;
}
