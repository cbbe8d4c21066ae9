/* A turn: one pass of the program over events, messages and deferred work. */
#ifndef STUBDOM_ENGINE_TURN_H
#define STUBDOM_ENGINE_TURN_H

/** The result of engine_turn() if there is no program any more. */
#define ENGINE_LOST (-2)

/**
 * Runs one turn with the first `events` events of engine.events. Returns the milliseconds until the
 * next turn is due, 0 at once, -1 not before an event, or ENGINE_LOST. Restarts a program that
 * fails (restart.h).
 */
long engine_turn(int events);

#endif
