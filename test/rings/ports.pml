/*
 * Event channels alone: three senders on processors of their own, each with a port, and the domain
 * that takes events and sleeps. Is an event lost?
 *
 * What a sender has to say is a number in memory that it changes before it sends. Whoever takes its
 * event reads the number. In the end the last one must have been read. A sender may send again
 * before its event was taken. The last port is masked at first and unmasked by the domain, as
 * event_unmask does it.
 *
 * Options: SENDS (of the first port; the others send once), PVH (else PV), and those of events.pml that are wrong on purpose.
 */
#define PORTS 3
#define SERVER_FENCE true

#include "events.pml"

byte said[PORTS + 1], known[PORTS + 1];

proctype sender(byte own; byte left) {
    byte was;
    bit linked;

    do
    :: left > 0 ->
        left--;
        said[own]++;
        set_pending(own);
        if
        :: known[own] == said[own]
        :: true
        fi
    :: left == 0 -> break
    od;
    known[own] == said[own]
}

proctype server() {
    byte old, at, port, was;
    bit linked;

    /* evtchn_fifo_unmask: a hypercall on our own processor. */
    d_step { word[PORTS] = word[PORTS] & ~MASKED };
    if
    :: (word[PORTS] & PENDING) != 0 -> set_pending(PORTS)
    :: else -> skip
    fi;
    do
    ::  event_wait();
        do
        ::  event_next();
            if
            :: port == 0 -> break
            :: else -> d_step { known[port] = said[port]; printf("server: takes port %d\n", port); port = 0 }
            fi
        od
    od
}

init {
    atomic {
        word[PORTS] = MASKED;
        run server();
        run sender(1, SENDS);
        run sender(2, 1);
        run sender(3, 1)
    }
}
