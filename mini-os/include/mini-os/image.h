/* Checks and starts an image, an ELF executable, that is to replace this one (handover.h). */
#ifndef MINI_OS_IMAGE_H
#define MINI_OS_IMAGE_H

#include <mini-os/handover.h>
#include <stddef.h>
#include <stdint.h>

/**
 * An image has this ELF note, of type 1: what it can go on with. A domain builder skips it, because
 * its name is not Xen's.
 */
#define IMAGE_NOTE_NAME "xenstore-ts"
struct image_note {
    uint32_t name_size, size, type;
    char name[sizeof(IMAGE_NOTE_NAME)];
    uint32_t kernel_version, program_version;
};
#define IMAGE_NOTE(program)                                                                        \
    { sizeof(IMAGE_NOTE_NAME), 8, 1, IMAGE_NOTE_NAME, HANDOVER_VERSION, program }

/**
 * Whether a file, a whole ELF executable, is an image that can replace this one: of the same kind,
 * with the same HANDOVER_VERSION and `program_version`, and with a place in memory. NULL: yes; else
 * the reason.
 */
const char *image_check(const uint8_t *file, size_t size, uint32_t program_version);
/**
 * Starts an image that image_check() has accepted, with `region`. With `back`, region_more() has
 * image_back_size() bytes, and the new image can give the domain back to this one. It returns only
 * if the image would lie over the file or the region: the reason, and nothing has changed.
 */
const char *image_start(const uint8_t *file, struct handover *region, const char *command_line,
                        bool back);
/** The bytes that a copy of this image takes. */
size_t image_back_size(void);
/** Called first: keeps the initial data of this image. */
void image_remember(void);
/**
 * Starts the image before again, if it can be: this one has failed before region_done(). `why` is
 * told, unless `handover` has a reason already. Returns if it cannot.
 */
void image_return(const char *why);

/* Loading, in arch/x86/. The layout is that of start_image() in pv/ and pvh/image.S. */
#define IMAGE_PARTS 5
struct image_part {
    uint64_t to, from, bytes, zeroed; /* addresses; `zeroed` bytes follow the others */
};
struct image_load {
    uint64_t entry, argument; /* the start info is the entry's argument */
    uint64_t count;
    struct image_part parts[IMAGE_PARTS];
};
#define XEN_NOTE_ENTRY 1
#define XEN_NOTE_HYPERCALL_PAGE 2
#define XEN_NOTE_PHYS32_ENTRY 18
/** The note with the entry of this kind of domain. */
extern const uint32_t arch_entry_note;
/**
 * Copies the parts and starts the entry. `hypercalls`: where the image has its hypercall page; 0:
 * it fills that itself. `scratch`: REGION_SCRATCH zeroed pages outside of all parts.
 */
void arch_image_start(struct image_load *load, struct handover *region, uint64_t hypercalls,
                      char *scratch) __attribute__((noreturn));

#endif
