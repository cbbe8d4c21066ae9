/*
 * The data of a live update: the file of the new program, and the state stream that the old program
 * writes (src/host/state.ts, Update). The stream also serves state dumps.
 */
#ifndef STUBDOM_UPDATE_H
#define STUBDOM_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Begins a program file of `size` bytes. False: no memory. */
bool update_begin(size_t size);
/** Adds the next bytes. False: they exceed the size. */
bool update_data(const char *bytes, size_t length);
/** Reads a program file; of an executable it only notes the path. */
const char *update_file(const char *path);
/** Checks that the program file is complete and fits this engine, or that an executable or an image
 * can replace this one. */
const char *update_check(void);
/** Whether more than the program is replaced: there is an executable, or an image. */
bool update_is_whole(void);
/** The highest version of Xen's migration stream that C xenstored reads, if update_check() found
 * it; else 0. */
unsigned update_foreign(void);
/** Drops the program file and the request for an update. */
void update_abort(void);
/** Requests the update after this turn. `args`: options, ended by NULL, which the update then owns;
 * NULL: those of the running program. */
void update_go(char **args);

/** Whether an update was requested since the last call; `args` as above. */
bool update_wanted(char ***args);
/** The path of the new executable; NULL: the update has a file in memory. */
const char *update_executable(void);
/** The new program file, or image. */
const uint8_t *update_program(size_t *size);
/** The new program runs. Keeps its file, and frees that of the old program. */
void update_done(void);

/** Appends a copy of a chunk to the saved state. False: no memory. */
bool update_save(const char *bytes, size_t length);
/** Bytes of the saved state. */
size_t update_saved(void);
/** Takes the oldest chunk, valid until the next call. False: there is none. */
bool update_restore(const char **bytes, size_t *length);
/** Copies the saved state to `to`, for update_continue(), and returns its bytes. NULL: only counts
 * them. */
size_t update_leave(char *to);
/** update_restore() goes on with such a copy, which must stay until all of it is restored. */
void update_continue(const char *chunks, size_t size);
/** Writes the saved state to a file, and frees it. */
const char *update_write(const char *path);
/** Moves the saved state to the kept state, for update_kept(). Returns its bytes. */
size_t update_keep(void);
/** Copies the kept state from `offset` on. Returns the number of bytes, at most `room`. */
size_t update_kept(size_t offset, char *to, size_t room);
/** Frees the saved state. */
void update_discard(void);
/** Frees the saved and the kept state. */
void update_drop_state(void);

#endif
