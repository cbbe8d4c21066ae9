/*
 * The program as it is once it is loaded, made when this executable is built: the engine's heap
 * lies in a section of its own, at the address where it was made, and a start need not make it.
 */
#ifndef STUBDOM_LINUX_HEAP_SNAPSHOT_H
#define STUBDOM_LINUX_HEAP_SNAPSHOT_H

#include "stubdom/engine/boot.h"

/** NULL: the section is empty, or what was in it is in use. */
struct heap_snapshot *heap_snapshot_program(void);
/**
 * Fills the section. `written`: which blocks of memory, counted as they are taken, a start writes
 * to (heap_profile.h): they lie side by side. NULL, or why it cannot be.
 */
const char *heap_snapshot_make(const bool *written, size_t count);
/** Writes the section to standard output. "", or why it cannot. */
const char *heap_snapshot_write(void);

#endif
