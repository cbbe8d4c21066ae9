#include "ring_ports.h"
#include "engine/compiler.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The link of each port, -1: none. The first ports need no allocation and lie in the hot data. */
static int32_t few_ports[64] HOT_DATA;
static int32_t *link_of_port HOT_DATA;
static unsigned ports HOT_DATA;

bool ring_port_remember(unsigned port, int link) {
    if (port >= ports) {
        unsigned few = sizeof(few_ports) / sizeof(*few_ports), room = few;
        while (room <= port)
            room *= 2;
        int32_t *more = room == few ? few_ports : malloc(room * sizeof(*more));
        if (!more)
            return false;
        if (ports)
            memcpy(more, link_of_port, ports * sizeof(*more));
        if (link_of_port != few_ports)
            free(link_of_port);
        link_of_port = more;
        while (ports < room)
            link_of_port[ports++] = -1;
    }
    link_of_port[port] = link;
    return true;
}

void ring_port_forget(unsigned port) {
    link_of_port[port] = -1;
}

ALWAYS_INLINE int ring_port_link(unsigned port) {
    return port < ports ? link_of_port[port] : -1;
}

unsigned ring_port_count(void) {
    return ports;
}
