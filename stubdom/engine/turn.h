/* A turn of the program: events and messages that are there are served. */
#ifndef STUBDOM_ENGINE_TURN_H
#define STUBDOM_ENGINE_TURN_H

/** What engine_turn() returns when there is no program any more. */
#define ENGINE_LOST (-2)

/**
 * One turn. Returns milliseconds until the next is wanted, 0 at once, -1 on an event, or
 * ENGINE_LOST. A program that fails is started anew on its journal (restart.h).
 */
long engine_turn(int events);

#endif
