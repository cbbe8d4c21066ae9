/* Functions of struct transport for stream sockets. They use `fd` and `link` of the endpoint. */
#ifndef STUBDOM_LINUX_STREAM_H
#define STUBDOM_LINUX_STREAM_H

#include "stubdom/transport/link.h"

/** Adds the socket to the event loop. */
bool stream_watch(struct endpoint *endpoint);
/** `take` and `put`; -LINK_COMM: the peer is gone. */
int stream_take(struct endpoint *endpoint, void *to, size_t room);
int stream_put(struct endpoint *endpoint, const void *from, size_t length);
/** Bytes in the socket that the peer has not read. */
size_t stream_unread(const struct endpoint *endpoint);
/** The functions of a transport that only a ring needs. */
void stream_nothing(struct endpoint *endpoint);
void stream_no_features(struct endpoint *endpoint, uint32_t mask);
/** Registers the handler of POLL_STREAM. */
void stream_start(void);

#endif
