/*
 * What is said to the share, one request after the other: its version and root, then each file is
 * reached, opened and written. ninep_files.h has what the device calls (ninep_files_connected and
 * so on), this what ninep_files.c asks.
 */
#ifndef STUBDOM_NINEP_SESSION_H
#define STUBDOM_NINEP_SESSION_H

#include "ninep_file.h"

/** A ring is connected. */
bool ninep_session_is_there(void);
/** The share has accepted us: names in it mean something. */
bool ninep_session_is_attached(void);
/** Nothing was taken for long: lines go elsewhere. */
bool ninep_session_is_late(void);
/** Whether a share is there, or may still come. */
bool ninep_session_expected(void);
/** Requests so far. */
unsigned long ninep_session_requests(void);
/** A file has more to do than before: the next request goes out, unless one is on its way. */
void ninep_session_changed(void);

#endif
