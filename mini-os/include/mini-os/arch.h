/*
 * What the kernel proper needs of an entry kind. Implemented twice, in
 * arch/x86/pv/ and arch/x86/pvh/; nothing else in the kernel knows which it is.
 */
#ifndef MINI_OS_ARCH_H
#define MINI_OS_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL

/* Virtual addresses are pseudo-physical ones. Above the RAM lies the window for grants. */
#define GRANT_BASE 0x100000000UL
#define GRANT_SLOTS 32768U

/** What the entry code found; filled once, before kernel_start. */
struct boot_info {
    char command_line[1024];
    const char *kind;
    void *store_page;
    uint32_t store_port;
    void *console_page;
    uint32_t console_port;
    /* Mapped, writable, not executable, free of anything. */
    uintptr_t heap_start;
    uintptr_t heap_end;
};

extern struct boot_info boot;
extern struct shared_info *shared_info;

/** Never returns: the kernel proper, on its own stack, with `boot` filled. */
void kernel_start(void) __attribute__((noreturn));

/** Blocks until an event is pending; returns at once if one is. */
void arch_idle(void);
/** What Xen calls the page of memory at this address: a machine frame (PV), a guest's (PVH). */
uint64_t arch_frame(const void *page);
/** Makes the page-table entry for an address of the grant window exist. False: out of memory. */
bool arch_prepare_grant(uintptr_t address);
/** The first page of the domain's grant table; NULL: there is no memory, or Xen refused. */
void *arch_map_grant_table(void);
/** Puts memory of this domain's further share behind pages that have none yet. False: Xen refused.
 */
bool arch_populate(uintptr_t address, unsigned pages);
/** The address of the last page fault. */
uintptr_t arch_fault_address(void);
/** Output that needs no ring and no other domain, for the last words; may go nowhere. */
void arch_early_write(const char *text, size_t length);

#endif
