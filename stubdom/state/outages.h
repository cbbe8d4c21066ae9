/*
 * Times without service: how often each kind was, and the reason and length of the last. What
 * replaces the process or the image takes them over.
 */
#ifndef STUBDOM_OUTAGES_H
#define STUBDOM_OUTAGES_H

#include <stdint.h>

enum outage {
    OUTAGE_NONE,
    OUTAGE_RECOVERY, /* the program failed, and was started anew */
    OUTAGE_PROGRAM,  /* a live update to another program */
    OUTAGE_WHOLE,    /* a live update to another executable, or image */
    OUTAGE_TAKEOVER, /* C xenstored was before */
    OUTAGES,
};

struct outages {
    uint32_t counts[OUTAGES];
    enum outage last, now; /* now: it has begun, and not ended */
    double since;          /* platform_now() */
    double milliseconds;   /* of the last */
    char reason[64], last_reason[64];
};

/** They can be handed over as they are. */
extern struct outages outages;

/** The service stops. `reason`: at most 63 bytes of it are kept. */
void outage_begin(enum outage kind, const char *reason);
/** It goes on: counts the outage, and logs how long it was. Without a begin it does nothing. */
void outage_end(void);
/** What has begun did not come to pass. */
void outage_forget(void);
/** The name of a kind, as the status tree has it. */
const char *outage_name(enum outage kind);

#endif
