#ifndef STUBDOM_LINUX_LISTEN_H
#define STUBDOM_LINUX_LISTEN_H

/** Makes a listening unix socket with mode 0600, in place of one that nobody serves any more. -1:
 * see errno; EADDRINUSE: another process listens. */
int listen_at(const char *path);

#endif
