#include "link_driver.h"

static int32_t pairs[64];

void drain_events(void) {
    while (link_events(pairs, 32))
        ;
}

void end_of_turn(void) {
    link_commit();
    link_flush();
}

int count_events(enum event_kind kind, int link) {
    int found = 0;
    for (int n; (n = link_events(pairs, 32));)
        for (int i = 0; i < n; i++)
            found += pairs[2 * i] == (int32_t)kind && pairs[2 * i + 1] == link;
    return found;
}
