/*
 * The heap snapshot: the loaded program as a section of this executable. It is made at build time,
 * at its final address, so a start need not load the program.
 */
#ifndef STUBDOM_LINUX_HEAP_SNAPSHOT_H
#define STUBDOM_LINUX_HEAP_SNAPSHOT_H

#include "stubdom/engine/boot.h"

/** The snapshot. NULL: the section is empty, or the snapshot is in use. */
struct heap_snapshot *heap_snapshot_program(void);
/** Fills the section. Blocks that a start writes (`written`, from heap_profile()) lie side by
 * side. */
const char *heap_snapshot_make(const bool *written, size_t count);
/** Writes the section to standard output. Returns "", or the error. */
const char *heap_snapshot_write(void);

#endif
