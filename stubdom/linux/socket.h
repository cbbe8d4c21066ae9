/* The clients of the daemon's own socket: privileged, a link each. */
#ifndef STUBDOM_LINUX_SOCKET_H
#define STUBDOM_LINUX_SOCKET_H

#include <stdbool.h>

/** NULL, or why it cannot listen there. */
const char *socket_listen(const char *path);
/** As socket_listen(), on what another executable has made. */
const char *socket_adopt(int fd);
/** Accepts again what had to wait, if it is time. Returns how long may be waited at most. */
long socket_wait(long milliseconds);
/** Where it listens; -1: nowhere. */
int socket_fd(void);
/** A client that another executable has accepted, with the number that it had. */
bool socket_link(int number, int fd);
void socket_close(const char *path);

#endif
