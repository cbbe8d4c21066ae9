/* Links over a unix stream socket, and the wait for all there is to wait for. */
#ifndef STUBDOM_POSIX_SOCKET_H
#define STUBDOM_POSIX_SOCKET_H

#include <stdbool.h>

/** NULL, or why it cannot listen there. Mode 0600: the socket is the privileged domain's. */
const char *socket_listen(const char *path);
void socket_wait(long milliseconds);
/** SIGTERM or SIGINT came. */
bool socket_stopped(void);
void socket_close(const char *path);

#endif
