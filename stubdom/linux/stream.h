/* Bytes of links over a stream socket: endpoint->fd, with endpoint->link its link. */
#ifndef STUBDOM_LINUX_STREAM_H
#define STUBDOM_LINUX_STREAM_H

#include "stubdom/transport/link.h"

/** A listening socket at a path, mode 0600. -1: errno says why. */
int stream_listen(const char *path);
/** False: it cannot be watched. */
bool stream_watch(struct endpoint *endpoint);
/** As struct transport has them: -LINK_COMM when the peer is gone. */
int stream_take(struct endpoint *endpoint, void *to, size_t room);
int stream_put(struct endpoint *endpoint, const void *from, size_t length);
/** A stream has no page to write to. */
void stream_nothing(struct endpoint *endpoint);
void stream_no_features(struct endpoint *endpoint, uint32_t mask);
void stream_start(void);

#endif
