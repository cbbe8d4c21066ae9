/*
 * The requests by which a file of the share is reached, opened, written and released: how each is
 * built, and what its reply means. ninep_session.c sends and receives them.
 */
#ifndef STUBDOM_NINEP_FILE_REQUESTS_H
#define STUBDOM_NINEP_FILE_REQUESTS_H

#include "ninep_file.h"
#include "ninep_message.h"

#define ROOT_FID 0

/* Set by ninep_session.c. */
extern uint32_t ninep_most; /* bytes of a message, as negotiated */
extern bool ninep_late;     /* ninep_session_is_late() */

struct ninep_file_request {
    enum ninep_type type;
    /* Builds the request. */
    void (*build)(struct file *, struct ninep_request *);
    /* Handles the reply; `error` is its errno, or 0. False: a protocol error. */
    bool (*handle)(struct file *, struct ninep_reply *, unsigned error);
};
/* By enum step. */
extern const struct ninep_file_request ninep_file_requests[];

/* Releases the file's fid, and goes on with `after`. */
void ninep_clunk(struct file *file, enum step after);

#endif
