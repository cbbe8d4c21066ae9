/*
 * Live update: a new program replaces the running one on the same links and continues with its
 * state, in a fresh engine or in another executable.
 */
#ifndef STUBDOM_LIVE_UPDATE_H
#define STUBDOM_LIVE_UPDATE_H

enum live_update {
    LIVE_UPDATE_NONE, /* none was requested */
    LIVE_UPDATE_DONE,
    LIVE_UPDATE_REFUSED, /* the old program goes on, and needs a turn at once */
    LIVE_UPDATE_LOST     /* neither program runs */
};
/** Makes the update that was requested through state/update.h, if any. */
enum live_update live_update(void);
/** The program serves for the first time: ends the outage that what was before it has begun. */
void live_update_arrived(void);

#endif
