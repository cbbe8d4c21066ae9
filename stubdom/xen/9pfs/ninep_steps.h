/*
 * How a file of a share is reached, opened, written and given back: for each step the request, and
 * what its reply means for the file. ninep_session.c sends the one and receives the other.
 */
#ifndef STUBDOM_NINEP_STEPS_H
#define STUBDOM_NINEP_STEPS_H

#include "ninep_file.h"
#include "ninep_message.h"

#define ROOT_FID 0

/* Of the share, as ninep_session.c finds it. */
extern uint32_t ninep_most; /* bytes of a message */
extern bool ninep_late;     /* it takes nothing: lines of logs go elsewhere */

struct ninep_step {
    enum ninep_type type;
    void (*ask)(struct file *, struct ninep_request *);
    /* `error` 0: the reply is the request's own. False: it is nonsense. */
    bool (*told)(struct file *, struct ninep_reply *, unsigned error);
};
/* By enum step. */
extern const struct ninep_step ninep_steps[];

/* The file's fid is given back, and then comes `after`. */
void ninep_clunk(struct file *file, enum step after);

#endif
