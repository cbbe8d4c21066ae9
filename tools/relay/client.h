/*
 * One client of the relay: its socket, and its own open file of the kernel's xenstore device. The
 * kernel keeps what different files do apart: transactions, watches, replies. It ends the
 * transactions and watches of a file that is closed.
 */
#ifndef TOOLS_RELAY_CLIENT_H
#define TOOLS_RELAY_CLIENT_H

#include <stdbool.h>

/** Opens the device, or the socket of another store. -1: see errno. */
int client_open_store(const char *path);

/**
 * Serves a client until it, or the store, closes the connection; then closes both descriptors.
 * Blocks. `path` is for client_open_store(), and must stay.
 */
void client_serve(int socket, int store, const char *path);

/** Asks a store for its root. False: it has not answered within that many milliseconds. */
bool client_store_answers(int store, int milliseconds);

#endif
