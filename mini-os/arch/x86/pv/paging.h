#ifndef PV_PAGING_H
#define PV_PAGING_H

#include <stdint.h>
#include <xen/xen.h>

/** Maps the memory that the builder left unmapped, sets the heap's bounds in `boot`, and protects
 * text, constants and guard pages. */
void paging_init(const start_info_t *info);
/** The same, on the tables of the image before, with `handover`. */
void paging_continue(const start_info_t *info);
/** Makes the image's pages writable and executable, up to an address: another image comes there. */
void paging_open_image(uintptr_t end);
/** Makes a page of free memory executable. */
void paging_make_code(void *page);
/** Pseudo-physical address of a machine frame of this domain. */
uintptr_t paging_address_of_frame(uint64_t frame);
/** Replaces the page-table entry of a mapped page. Panics on failure. */
void paging_set(uintptr_t address, uint64_t entry);
/** Machine frame of a page of this domain. */
uint64_t paging_frame_of_address(uintptr_t address);

#endif
