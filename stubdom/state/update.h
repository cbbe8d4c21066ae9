/*
 * The exchange of the program by another: the file of the new one, and the state
 * that the old one hands over (host.ts, Update). Texts are NULL, or why it cannot be.
 */
#ifndef STUBDOM_UPDATE_H
#define STUBDOM_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool update_begin(size_t size);
bool update_data(const char *bytes, size_t length);
const char *update_file(const char *path);
const char *update_check(void);
void update_abort(void);
/** args: words ended by NULL, which become the update's own; NULL: those of the present program. */
void update_go(char **args);

/** Whether there is to be an exchange. Asked once; `args` as above. */
bool update_wanted(char ***args);
/** The executable that was checked, if what was named is one; else NULL. */
const char *update_executable(void);
/** The program file that was checked. */
const uint8_t *update_program(size_t *size);
/** The new program runs: its file is kept as long as it does. */
void update_done(void);

/** Keeps a copy of a chunk of state. False: no memory. */
bool update_save(const char *bytes, size_t length);
/** Bytes of all chunks. */
size_t update_saved(void);
/** The oldest chunk, valid until the next call; false: there is none. */
bool update_restore(const char **bytes, size_t *length);
const char *update_write(const char *path);
/** The chunks from here on are read in any order. Returns their bytes. */
size_t update_keep(void);
/** Copies of what is kept, from an offset on, as much as there is and room for. Returns how much.
 */
size_t update_kept(size_t offset, char *to, size_t room);
/** Lets go of what was saved, and of what is kept as well. */
void update_discard(void);
void update_drop_state(void);

#endif
