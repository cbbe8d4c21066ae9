/*
 * Page tables of a PV domain. They are read-only for the domain and changed by hypercalls. The
 * builder maps the first megabytes; this code maps the rest. A new table is filled while it is an
 * ordinary page, then made read-only, and then linked into the table above it.
 */
#include "paging.h"
#include <mini-os/arch.h>
#include <mini-os/handover.h>
#include <mini-os/hypercall.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <string.h>
#include <xen/memory.h>

#define PRESENT 0x001UL
#define WRITABLE 0x002UL
#define USER 0x004UL /* a PV kernel runs in ring 3 */
#define ACCESSED 0x020UL
#define DIRTY 0x040UL
#define NO_EXECUTE (1UL << 63)
#define ADDRESS_MASK 0x000ffffffffff000UL

#define TABLE_ENTRY (PRESENT | WRITABLE | USER | ACCESSED)
#define READ_ONLY (PRESENT | USER | ACCESSED)
#define DATA (PRESENT | WRITABLE | USER | ACCESSED | DIRTY)

#define ENTRIES 512
#define LEAF_SPAN (ENTRIES * PAGE_SIZE) /* bytes that one table of level 1 maps */

extern char __text_start[], __text_end[], __rodata_end[], __guard[];

static const unsigned long *const machine_to_phys = (const unsigned long *)MACH2PHYS_VIRT_START;
static const unsigned long *phys_to_machine;
static uint64_t *top_table;
static uint64_t no_execute;

/* Before there is a heap, tables come from the pages behind the builder's stack. */
static uintptr_t early_next, early_end;

uintptr_t paging_address_of_frame(uint64_t frame) {
    return machine_to_phys[frame] << PAGE_SHIFT;
}

uint64_t paging_frame_of_address(uintptr_t address) {
    return phys_to_machine[address >> PAGE_SHIFT];
}

static void check(long error, const char *what, uintptr_t address) {
    if (error)
        panic("%s at %#lx failed: %ld", what, address, error);
}

void paging_set(uintptr_t address, uint64_t entry) {
    check(hypercall3(__HYPERVISOR_update_va_mapping, address, entry, UVMF_INVLPG),
          "changing a mapping", address);
}

static unsigned index_at(uintptr_t address, unsigned level) {
    return (address >> (PAGE_SHIFT + 9 * (level - 1))) % ENTRIES;
}

static uint64_t *table_of(uint64_t entry) {
    return (uint64_t *)paging_address_of_frame((entry & ADDRESS_MASK) >> PAGE_SHIFT);
}

static void *new_table(void) {
    if (early_next < early_end) {
        void *page = (void *)early_next;
        early_next += PAGE_SIZE;
        return memset(page, 0, PAGE_SIZE);
    }
    return page_take();
}

/* Makes a filled page a page table: makes it read-only, and sets the entry above it. */
static void hook(uint64_t *above, unsigned index, void *table) {
    uint64_t frame = paging_frame_of_address((uintptr_t)table);
    uint64_t above_frame = paging_frame_of_address((uintptr_t)above);
    paging_set((uintptr_t)table, frame << PAGE_SHIFT | READ_ONLY | no_execute);
    struct mmu_update update = {
        .ptr = (above_frame << PAGE_SHIFT) | (index * sizeof(uint64_t)) | MMU_NORMAL_PT_UPDATE,
        .val = frame << PAGE_SHIFT | TABLE_ENTRY,
    };
    check(hypercall5(__HYPERVISOR_mmu_update, (uint64_t)&update, 1, 0, DOMID_SELF, 0),
          "hooking in a page table", (uintptr_t)table);
}

/* The table of a level that covers an address. Makes it and the tables above it if they are
 * missing. NULL: no memory. */
static uint64_t *table_at(uintptr_t address, unsigned level) {
    uint64_t *table = top_table;
    for (unsigned at = 4; at > level; at--) {
        unsigned index = index_at(address, at);
        if (!(table[index] & PRESENT)) {
            void *page = new_table();
            if (!page)
                return NULL;
            hook(table, index, page);
        }
        table = table_of(table[index]);
    }
    return table;
}

bool arch_prepare_grant(uintptr_t address) {
    return table_at(address, 1) != NULL;
}

static bool is_mapped(uintptr_t address) {
    uint64_t *table = top_table;
    for (unsigned level = 4;; level--) {
        uint64_t entry = table[index_at(address, level)];
        if (!(entry & PRESENT))
            return false;
        if (level == 1)
            return true;
        table = table_of(entry);
    }
}

static void map_leaf_table(uintptr_t start, uintptr_t end) {
    uint64_t *table = new_table();
    uint64_t *above = table_at(start, 2);
    if (!table || !above)
        panic("no memory for page tables");
    for (uintptr_t address = start; address < end && address < start + LEAF_SPAN;
         address += PAGE_SIZE)
        table[index_at(address, 1)] =
            paging_frame_of_address(address) << PAGE_SHIFT | DATA | no_execute;
    hook(above, index_at(start, 2), table);
}

static void protect(uintptr_t start, uintptr_t end, uint64_t flags) {
    for (uintptr_t address = start; address < end; address += PAGE_SIZE)
        paging_set(address, flags ? paging_frame_of_address(address) << PAGE_SHIFT | flags : 0);
}

static bool cpu_has_no_execute(void) {
    uint32_t a = 0x80000001, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return d & (1U << 20);
}

static void protect_image(void) {
    protect(0, (uintptr_t)__text_start, 0);
    protect((uintptr_t)__text_start, (uintptr_t)__text_end, READ_ONLY);
    protect((uintptr_t)__text_end, (uintptr_t)__rodata_end, READ_ONLY | no_execute);
    protect((uintptr_t)__guard, (uintptr_t)__guard + PAGE_SIZE, 0);
}

void paging_init(const start_info_t *info) {
    uintptr_t memory_end = info->nr_pages << PAGE_SHIFT;
    /* The window for grants begins there, and pointers of the engine have 32 bits. */
    if (memory_end > GRANT_BASE)
        memory_end = GRANT_BASE;
    uintptr_t mapped_end;

    phys_to_machine = (const unsigned long *)info->mfn_list;
    top_table = (uint64_t *)info->pt_base;
    no_execute = cpu_has_no_execute() ? NO_EXECUTE : 0;

    /* One page behind the builder's tables is its stack, which _start has left. */
    early_next = info->pt_base + (info->nr_pt_frames + 1) * PAGE_SIZE;
    for (mapped_end = early_next; mapped_end < memory_end && is_mapped(mapped_end);)
        mapped_end += PAGE_SIZE;
    early_end = mapped_end;
    while (early_end < memory_end) {
        map_leaf_table(early_end, memory_end);
        /* The next tables may come from the pages that are mapped now. */
        early_end = (early_end + LEAF_SPAN) & -LEAF_SPAN;
    }

    boot.heap_start = early_next;
    boot.heap_end = memory_end;
    early_end = early_next;

    protect_image();
}

void paging_continue(const start_info_t *info) {
    phys_to_machine = (const unsigned long *)info->mfn_list;
    top_table = (uint64_t *)info->pt_base;
    no_execute = cpu_has_no_execute() ? NO_EXECUTE : 0;
    boot.heap_start = handover->memory.heap_start;
    boot.heap_end = (uintptr_t)handover;
    protect_image();
}

void paging_open_image(uintptr_t end) {
    protect((uintptr_t)__text_start, end, DATA);
}

void paging_make_code(void *page) {
    paging_set((uintptr_t)page, paging_frame_of_address((uintptr_t)page) << PAGE_SHIFT | DATA);
}

uint64_t arch_frame(const void *page) {
    return paging_frame_of_address((uintptr_t)page);
}

bool arch_populate(uintptr_t address, unsigned pages) {
    for (unsigned i = 0; i < pages; i++, address += PAGE_SIZE) {
        if (is_mapped(address))
            continue; /* populated by an earlier call that failed later */
        /* Xen replaces the pseudo-physical frame in `frame` by the machine frame. */
        xen_pfn_t frame = address >> PAGE_SHIFT;
        struct xen_memory_reservation more = {.nr_extents = 1, .domid = DOMID_SELF};
        set_xen_guest_handle(more.extent_start, &frame);
        if (hypercall_op(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &more) != 1)
            return false;
        paging_set(address, frame << PAGE_SHIFT | DATA | no_execute);
    }
    return true;
}
