/* The transport over a xenstore page. An image calls its functions directly (BELOW in
 * link_internal.h). */
#ifndef STUBDOM_RING_TRANSPORT_H
#define STUBDOM_RING_TRANSPORT_H

#include "transport.h"

extern const struct transport ring_transport;

int ring_transport_take(struct endpoint *, void *to, size_t room);
unsigned ring_transport_look(const struct endpoint *, bool replies_wait);
int ring_transport_put(struct endpoint *, const void *from, size_t length);
bool ring_transport_stage(struct endpoint *, const struct header *, const void *payload);
int ring_transport_publish(struct endpoint *);
void ring_transport_notify(struct endpoint *);
void ring_transport_reset(struct endpoint *);
void ring_transport_announce(struct endpoint *);
void ring_transport_set_features(struct endpoint *, uint32_t mask);
void ring_transport_shut(struct endpoint *, enum link_error);
void ring_transport_close(struct endpoint *);

#endif
