/*
 * The part of the kernel that differs between PV and PVH. It is implemented twice, in arch/x86/pv/
 * and arch/x86/pvh/; the rest of the kernel does not know which one it runs on.
 */
#ifndef MINI_OS_ARCH_H
#define MINI_OS_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL

/* Virtual addresses equal pseudo-physical ones. The window for grants lies above the RAM:
 * GRANT_SLOTS pages from GRANT_BASE on. */
#define GRANT_BASE 0x100000000UL
#define GRANT_SLOTS 32768U

/** What Xen and the domain builder pass. The entry code fills it before kernel_start(). */
struct boot_info {
    char command_line[1024];
    const char *kind;      /* "PV" or "PVH" */
    void *store_page;      /* the domain's own xenstore ring, if the builder made one */
    uint32_t store_port;   /* its event channel; 0: none */
    void *console_page;    /* the console ring, if the builder made one */
    uint32_t console_port; /* its event channel; 0: none */
    /* Free memory, mapped, writable and not executable. */
    uintptr_t heap_start;
    uintptr_t heap_end;
    uintptr_t image_most; /* where an image that replaces this one must end */
};

extern struct boot_info boot;
extern struct shared_info *shared_info;

/** Starts the kernel and runs the program, on the stack of the image. `boot` must be filled. */
void kernel_start(void) __attribute__((noreturn));

/** Blocks until an event is pending; returns at once if one is. */
void arch_idle(void);
/** The frame number that Xen uses for a page of this domain: machine (PV) or guest (PVH). */
uint64_t arch_frame(const void *page);
/** Makes the page tables for an address of the grant window. False: no memory. */
bool arch_prepare_grant(uintptr_t address);
/** Maps the first page of the domain's grant table. NULL: no memory, or Xen refused. */
void *arch_map_grant_table(void);
/**
 * Populates `pages` pages from `address` on with more memory for this domain
 * (XENMEM_populate_physmap). Their page tables must exist. False: Xen refused; some pages may be
 * populated.
 */
bool arch_populate(uintptr_t address, unsigned pages);
/** The address of the last page fault. */
uintptr_t arch_fault_address(void);
/** Writes to Xen's own console, without a ring. Xen may drop the text. */
void arch_early_write(const char *text, size_t length);

#endif
