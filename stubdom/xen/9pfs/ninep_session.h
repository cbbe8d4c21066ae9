/*
 * What is said to the share, one request after the other: its version and root, then each file is
 * reached, opened and written.
 */
#ifndef STUBDOM_NINEP_SESSION_H
#define STUBDOM_NINEP_SESSION_H

#include "ninep_ring.h"
#include <stdbool.h>

/** A share may come from now on. */
void ninep_session_start(void);
/** A fresh ring is connected: the share is attached, and the files are opened. */
void ninep_session_connected(struct ninep_ring *ring);
/** The ring is no more. What was not taken waits for the next one. */
void ninep_session_gone(void);
/** The other side said something. False: nonsense, and the ring is not touched any more. */
bool ninep_session_event(void);

/**
 * Milliseconds of platform_now() at which ninep_session_timed_out() is to be called: somebody
 * writes, and nothing was taken for long. Negative: never.
 */
double ninep_session_deadline(void);
/** Lines go elsewhere until the share takes something again; those that wait are said. */
void ninep_session_timed_out(void);

/* What ninep_files.c asks. */
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
