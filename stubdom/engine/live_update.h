/*
 * One program for another, on the same links, with the state that the old one hands over: in a
 * fresh engine, or in another process.
 */
#ifndef STUBDOM_LIVE_UPDATE_H
#define STUBDOM_LIVE_UPDATE_H

enum live_update {
    LIVE_UPDATE_NONE, /* none was wanted */
    LIVE_UPDATE_DONE,
    LIVE_UPDATE_REFUSED, /* the present program goes on, and has a turn to make */
    LIVE_UPDATE_LOST     /* there is no program any more */
};
/** Lets the program that state/update.h wants take over, if it wants one. */
enum live_update live_update(void);

#endif
