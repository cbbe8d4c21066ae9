/*
 * A xenstore ring between Linux and this daemon, with the event channel below it: is a wake-up lost?
 *
 * Memory is x86-TSO. What a processor stores goes through a FIFO buffer of its own; each entry
 * reaches memory at any later time. Loads see memory. A processor's loads of what it stored itself
 * see its buffer first: each loads its own indexes only, which nobody else writes, so they are
 * locals here. A fence and a locked instruction wait until the buffer is empty.
 *
 * What goes wrong: a writer stores its index and then looks whether the reader has taken all that was
 * there before; a reader stores its index and then looks whether there is more. Where either look
 * comes before its store is in memory, both see the past, no event is sent and the reader sleeps.
 * Linux has no fence between the two (xb_write, xb_read of xenbus_comms.c). So its store can reach
 * memory at any time behind the reader's last look, however late and well fenced that is. From then
 * on it finds the reader behind with each write, and sends no event any more: hence the periodic
 * look. Where it finds a link, the link looks as if it was at rest, so it has to be at every link.
 *
 * A message has a header and a payload, one unit each. A unit's content is its place in the stream.
 * The indexes count units and do not wrap, the slots of the rings do.
 *
 * Options: MESSAGES, RING (units), FIRES (events of the other port at any time), PVH (else PV),
 * CLIENT_FENCE (more than Linux does), PERIODIC (PERIODIC_PART: not of every link), and how
 * the server behaves: one of DRAINED, UNTIL_NOTHING, SECOND_LOOK, LAST_LOOK; with the last,
 * NO_REPLY_LOOK and LOOK_ONCE leave parts of it out. ONLY: the kind of hang that counts.
 */
#define RING_PORT 1
#define OTHER_PORT 2
#define PORTS 2
#define SERVER_FENCE empty(server_stores)
#define CLIENT_FENCED empty(client_stores)
#define UNITS (2 * MESSAGES)

/* --- memory and store buffers --- */

byte req_prod, req_cons, rsp_prod, rsp_cons;
byte req[RING] = 255, rsp[RING] = 255;

#define REQ_PROD 0
#define REQ_CONS 1
#define RSP_PROD 2
#define RSP_CONS 3
#define DATA 4 /* and the slot */
chan client_stores = [2] of { byte, byte };
chan server_stores = [12] of { byte, byte };

#include "events.pml"

active proctype client_drain() {
    byte address, value;
end:
    do
    :: atomic {
        client_stores?address, value;
        if
        :: address == REQ_PROD ->
            req_prod = value;
            printf("client's store buffer: req_prod %d reaches memory\n", value)
        :: address == RSP_CONS ->
            rsp_cons = value;
            printf("client's store buffer: rsp_cons %d reaches memory\n", value)
        :: else -> req[address - DATA] = value
        fi;
        address = 0;
        value = 0 }
    od
}

active proctype server_drain() {
    byte address, value;
end:
    do
    :: atomic {
        server_stores?address, value;
        if
        :: address == REQ_CONS ->
            req_cons = value;
            printf("server's store buffer: req_cons %d reaches memory\n", value)
        :: address == RSP_PROD ->
            rsp_prod = value;
            printf("server's store buffer: rsp_prod %d reaches memory\n", value)
        :: else -> rsp[address - DATA] = value
        fi;
        address = 0;
        value = 0 }
    od
}

#include "linux.pml"

/* --- this daemon: turns() of stubdom/main.c --- */

bit heard;       /* the other port's event was taken */
bit second_over; /* the other port is the timer's now, and the periodic look is due */
bit progress = 1;
byte owed;       /* units of replies that the response ring has no room for yet */
byte taken;      /* our own req_cons */

/* link_flush: answers go into the ring as far as there is room, and the peer gets one event. */
inline link_flush() {
    do
    :: owed == 0 -> break
    :: owed != 0 ->
        /* ring_put: the load of rsp_cons. */
        d_step {
            n = RING - (answered - rsp_cons);
            if
            :: n > owed -> n = owed
            :: else -> skip
            fi
        };
        if
        :: n == 0 -> break
        :: else -> atomic {
            owed = owed - n;
            do
            :: n > 0 ->
                server_stores!DATA + answered % RING, answered;
                answered++;
                n--
            :: else -> break
            od;
            server_stores!RSP_PROD, answered;
            printf("server: answered up to unit %d\n", answered);
            progress = 1;
            dirty = 1 }
        fi
    od;
    flush = 0;
    if
    :: dirty ->
        /* EVTCHNOP_send on this processor. */
        atomic {
            SERVER_FENCE -> client_event = 1;
            dirty = 0;
#ifdef LAST_LOOK
            moved = 1;
#endif
            printf("server: notifies\n")
        }
    :: else -> skip
    fi
}

/* Whether there is anything to do on the link, whatever events came. */
inline look() {
    if
    :: req_prod != taken -> link_ready = 1
    :: else -> printf("server: looks, and there is no request\n")
    fi;
#ifndef NO_REPLY_LOOK
    if
    :: owed > 0 && answered - rsp_cons < RING -> flush = 1
    :: else -> skip
    fi
#endif
}

active proctype server() {
    byte answered, seen, n;    /* answered: our own rsp_prod */
    bit link_ready;            /* in READY */
    bit dirty;                 /* bytes moved and the peer does not know yet */
    bit flush;                 /* in DIRTY */
    bit moved;                 /* bytes moved since the last look */
    byte old, at, port;

    do
    ::  /* engine_turn: link_next and receive, which take until nothing is there. */
        do
        :: link_ready ->
            seen = req_prod; /* ring_take */
            if
            :: seen == taken -> link_ready = 0
            :: else ->
                atomic {
                    n = taken;
                    do
                    :: n < seen ->
                        assert(req[n % RING] == n);
                        n++
                    :: else -> break
                    od;
                    n = 0;
                    server_stores!REQ_CONS, seen;
                    owed = owed + 2 * (seen / 2 - taken / 2);
                    taken = seen;
                    dirty = 1;
                    progress = 1;
                    printf("server: took up to unit %d\n", taken)
                };
#ifdef DRAINED
                link_ready = 0
#endif
#ifdef UNTIL_NOTHING
                skip
#endif
#ifdef SECOND_LOOK
                SERVER_FENCE;
                link_ready = (req_prod != taken)
#endif
#ifdef LAST_LOOK
                /* Whether it looks once more within the turn makes no difference. */
                if
                :: link_ready = 0
                :: true -> skip
                fi
#endif
            fi;
            seen = 0
        :: else -> break
        od;
        if
        :: dirty || flush -> link_flush()
        :: else -> skip
        fi;
#ifdef LAST_LOOK
        do
        :: moved ->
            atomic { SERVER_FENCE -> moved = 0 };
            look();
            if
            :: flush -> link_flush()
            :: else -> skip
            fi;
#ifdef LOOK_ONCE
            moved = 0
#endif
        :: else -> break
        od;
#endif
        /* platform_wait */
        if
        :: link_ready -> skip
        :: else -> event_wait()
        fi;
        /* take_events */
        do
        ::  event_next();
            if
            :: port == 0 -> break
            :: port == RING_PORT ->
                /* link_notified */
                d_step { link_ready = 1; flush = (owed > 0); port = 0 }
            :: port == OTHER_PORT ->
                d_step { heard = 1; port = 0 };
                if
                :: second_over ->
                    second_over = 0;
#ifdef PERIODIC_PART
                    if
                    :: owed > 0 || taken % 2 == 1 -> look()
                    :: else -> skip
                    fi
#else
                    look()
#endif
                :: else -> skip
                fi
            fi
        od
    od
}

/* Kinds of hangs. With ONLY, no other one counts: each is shown by itself. */
#define WITHIN 1
#define BETWEEN 2
#define REPLIES 3
#define OTHERWISE 4
#ifdef ONLY
#define HANG(kind, text) atomic { kind == ONLY -> printf(text); assert(false) }
#else
#define HANG(kind, text) atomic { printf(text); assert(false) }
#endif

/* --- the other port: any other sender, and the timer --- */

/* A timer that is due when nothing else can happen any more, and the buffers are empty, stands for
 * "within a second". Behind each, bytes must move: a second look would find no more than the first.
 * Partial-order reduction keeps all states in which nothing can move, so it keeps these. */
active proctype other() {
    byte fires = FIRES, was;
    bit linked;
end:
    do
    :: fires > 0 ->
        fires--;
        set_pending(OTHER_PORT);
        atomic { heard -> heard = 0 }
#ifdef PERIODIC
    :: atomic { timeout && !finished && progress ->
        progress = 0;
        second_over = 1;
        printf("a second is over\n") };
        set_pending(OTHER_PORT);
        atomic { heard -> heard = 0 }
    :: timeout && !finished && !progress -> break
#else
    :: timeout && !finished -> break
#endif
    od;
    if
    :: req_prod != req_cons && req_cons % 2 == 1 -> HANG(WITHIN, "HANG: requests unread, within a message\n")
    :: req_prod != req_cons && req_cons % 2 == 0 -> HANG(BETWEEN, "HANG: requests unread, between messages\n")
    :: req_prod == req_cons && owed > 0 && rsp_prod - rsp_cons < RING ->
        HANG(REPLIES, "HANG: replies wait, and there is room\n")
    :: else -> HANG(OTHERWISE, "HANG: all were served, and none goes on\n")
    fi
}
