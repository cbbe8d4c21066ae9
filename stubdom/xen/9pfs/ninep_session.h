/*
 * A session with the 9pfs share. It sends one request at a time: version, attach, and then the
 * requests of each file (ninep_file_requests.h). No call blocks.
 */
#ifndef STUBDOM_NINEP_SESSION_H
#define STUBDOM_NINEP_SESSION_H

#include "ninep_file.h"
#include "ninep_ring.h"
#include <stdbool.h>

/* Bytes of the largest reply. */
#define NINEP_REPLY_MOST 1024

/** Called at the start: lines wait for a share from now on. */
void ninep_session_start(void);
/** A new ring is connected: attaches to the share and opens the files. */
void ninep_session_connected(struct ninep_ring *ring);
/**
 * What another image needs to go on with the share. The reply to a request that is in flight is
 * skipped; `answer` has the bytes of it that were taken.
 */
struct ninep_session_state {
    bool busy;
    uint32_t have, most;
    uint8_t answer[NINEP_REPLY_MOST];
    unsigned turns[NINEP_FILES]; /* the number of each rotated file */
};
/** False: the share is being attached, so that nobody knows whether the root has a fid; or a file
 * is being written. */
bool ninep_session_leave(struct ninep_session_state *to);
/** Goes on with the ring of the image before. */
void ninep_session_continue(const struct ninep_session_state *from, struct ninep_ring *ring);
/** The ring is gone. Bytes that the share has not taken wait for the next one. */
void ninep_session_gone(void);
/** Handles an event of the device. False: a protocol error; the ring is not used any more. */
bool ninep_session_event(void);

/**
 * The platform_now() at which ninep_session_timed_out() must be called, because bytes wait and the
 * share takes none. Negative: none.
 */
double ninep_session_deadline(void);
/** Sends the waiting lines, and all others until the share takes some again, to the console. */
void ninep_session_timed_out(void);

/* For ninep_client.c: */
/** Whether a ring is connected. */
bool ninep_session_is_there(void);
/** Whether the share has accepted the attach. */
bool ninep_session_is_attached(void);
/** Whether the share has timed out, so that lines go to the console. */
bool ninep_session_is_late(void);
/** Whether a share is connected, or may still appear. */
bool ninep_session_expected(void);
/** The number of requests so far. */
unsigned long ninep_session_requests(void);
/** A file has new bytes or a new step: sends the next request, unless one is in flight. */
void ninep_session_changed(void);

#endif
