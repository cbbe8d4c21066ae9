/* Links over the xenstore pages of domains. */
#ifndef STUBDOM_RING_LINK_H
#define STUBDOM_RING_LINK_H

#include "link.h"

int ring_link_open(unsigned domid, unsigned port);
bool ring_link_rebind(int link, unsigned port);
/** A port fired. False: it is no link's. */
bool ring_links_event(unsigned port);
/** It is not known which ports fired: all may have. */
void ring_links_event_all(void);

/* Their transport (link.h), for who knows that there is no other. */
int ring_link_take(struct endpoint *, void *to, size_t room);
unsigned ring_link_look(const struct endpoint *, bool replies_wait);
int ring_link_put(struct endpoint *, const void *from, size_t length);
bool ring_link_stage(struct endpoint *, const struct header *, const void *payload);
int ring_link_publish(struct endpoint *);
void ring_link_notify(struct endpoint *);
void ring_link_reset(struct endpoint *);
void ring_link_announce(struct endpoint *);
void ring_link_set_features(struct endpoint *, uint32_t mask);
void ring_link_shut(struct endpoint *, enum link_error);
void ring_link_close(struct endpoint *);

#endif
