/* The clients of the daemon's own socket: privileged, a link each. */
#ifndef STUBDOM_POSIX_SOCKET_H
#define STUBDOM_POSIX_SOCKET_H

/** NULL, or why it cannot listen there. */
const char *socket_listen(const char *path);
void socket_close(const char *path);

#endif
