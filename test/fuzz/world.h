/*
 * The daemon, somebody privileged who looks after it, and what is done before and after each input:
 * a target plays in between.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "client.h"
#include "daemon.h"

/** A privileged client on a socket, which no input speaks for. */
extern struct client observer;

/** Fails unless the daemon answers at once. False: with an error. */
bool world_ask(uint32_t type, const void *payload, uint32_t length);

/** There is a daemon, its store is as a fresh one's, and no input is being played. */
void world_begin(const uint8_t *input, size_t size);
/** The input is played, everybody has left: the store is sound, and is emptied. */
void world_end(void);
/** Settings may be such that the store cannot be emptied; then this daemon is let go. */
void world_may_refuse(void);
/** This daemon's settings were changed: world_end() lets it go. */
void world_spoilt(void);

#endif
