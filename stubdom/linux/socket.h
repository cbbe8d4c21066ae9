/* The daemon's unix socket. Each client is a privileged link. */
#ifndef STUBDOM_LINUX_SOCKET_H
#define STUBDOM_LINUX_SOCKET_H

#include <stdbool.h>

/** Listens at a path. */
const char *socket_listen(const char *path);
/** The same with a listening socket that exists already. */
const char *socket_adopt(int fd);
/** Call it before each wait. Ends a pause of accepting when it is time, and returns the
 * milliseconds that the wait may take. */
long socket_wait(long milliseconds);
/** The listening socket; -1: none. */
int socket_fd(void);
/** Makes link `number` of a connected socket. False: no memory, or it cannot be polled. */
bool socket_link(int number, int fd);
/** Makes a link of a socket that another executable has accepted. Returns its number. */
int socket_take(int fd);
/** Closes the listening socket and removes its path. */
void socket_close(const char *path);

#endif
