/* What the tests of links have in common. */
#ifndef TEST_LINK_DRIVER_H
#define TEST_LINK_DRIVER_H

#include "../../stubdom/transport/link.h"

/* In ticks of fake_platform.h. */
#define MILLISECOND 1000000

void drain_events(void);
void end_of_turn(void);
/** Takes all events; returns how many of them are of this kind and of this link. */
int count_events(enum event_kind kind, int link);

#endif
