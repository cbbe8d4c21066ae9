/*
 * Event channels over the FIFO ABI, from the sender's hypercall to the domain that sleeps.
 * ring.pml and ports.pml include this file.
 *
 * Xen's side is EVTCHNOP_send as xen/common/event_fifo.c does it: evtchn_fifo_set_pending,
 * evtchn_fifo_set_link, vcpu_mark_events_pending, vcpu_kick, vcpu_block. Our side is event_next,
 * take_word and event_wait of mini-os/kernel/events.c, and arch_idle of both architectures.
 *
 * Each bit operation of Xen and of take_word is a locked instruction. It is one step here, and the
 * processor that executes it has an empty store buffer then: who includes this file says with
 * SERVER_FENCE when the server's is. Two stores of Xen are plain, those of a queue's head and tail.
 * A sender sees them behind the lock, the domain behind the ready bit, which is set by a locked
 * instruction of the same processor. So they take effect at once here.
 */
#define PENDING 1
#define LINKED 2
#define BUSY 4
#define MASKED 8
#define LINK_SHIFT 4

byte word[PORTS + 1]; /* the event array: bits as above, and the next port of the queue */

/* What Xen keeps of the one queue (all ports have one priority), and what it shares. */
bit queue_lock;
byte queue_tail;
byte control_head;
bit control_ready;
bit upcall_pending;
bit blocked; /* the virtual processor does not run */

/* What events.c keeps. */
bit ready;
byte heads;

/* Upcalls are let in: the upcall mask is open (PV), the interrupt flag is set (PVH). */
bit upcalls_on;

/* --- the sender's processor, in Xen. `linked` and `was` are locals of the caller. --- */

/* evtchn_fifo_set_link: the tail gets a next port while it is in the queue. The first try is a read
 * and a compare-exchange; where the domain took the tail in between, BUSY stands in the word for
 * the second look. `was` is the word that was read. */
inline set_link(port) {
    d_step { was = word[queue_tail]; linked = (was & LINKED) != 0 };
    if
    :: linked ->
        if
        :: d_step { word[queue_tail] == was -> word[queue_tail] = (was & 15 & ~BUSY) | (port << LINK_SHIFT) }
        :: d_step { word[queue_tail] != was -> word[queue_tail] = word[queue_tail] | BUSY };
            /* Only take_word changes a linked word but for Xen under the lock, or MASKED changes. */
            d_step {
                linked = (word[queue_tail] & LINKED) != 0;
                word[queue_tail] = word[queue_tail] & ~BUSY;
                if
                :: linked -> word[queue_tail] = (word[queue_tail] & 15) | (port << LINK_SHIFT)
                :: else -> skip
                fi
            }
        fi
    :: else -> skip
    fi
}

/* evtchn_fifo_set_pending. The caller has waited for the store buffer of its processor. */
inline set_pending(port) {
    atomic { !queue_lock -> queue_lock = 1 };
    d_step { word[port] = word[port] | PENDING; linked = 1 };
    if
    :: d_step { (word[port] & MASKED) == 0 && (word[port] & LINKED) == 0 ->
        word[port] = word[port] | LINKED;
        linked = 0;
        /* It was the tail, and was taken: the queue is empty. */
        if
        :: queue_tail == port -> queue_tail = 0
        :: else -> skip
        fi };
        if
        :: queue_tail != 0 -> set_link(port)
        :: else -> skip
        fi;
        d_step {
            if
            :: !linked -> control_head = port
            :: else -> skip
            fi;
            queue_tail = port;
            queue_lock = 0
        }
    :: else -> queue_lock = 0
    fi;
    was = 0;
    if
    :: !linked ->
        d_step { was = control_ready; control_ready = 1 };
        if
        :: !was ->
            d_step { was = upcall_pending; upcall_pending = 1 };
            if
            :: !was -> d_step { blocked = 0; printf("Xen: port %d wakes the domain\n", port) }
            :: else -> skip
            fi
        :: else -> skip
        fi
    :: else -> skip
    fi;
    d_step { was = 0; linked = 0 }
}

/* --- the domain's processor. `old`, `at` and `port` are locals of the server. --- */

/* event_next. What take_word does with a load and compare-exchanges until one succeeds is one step:
 * those that fail change nothing and what they read is thrown away. */
inline event_next() {
    if
    :: upcall_pending ->
#ifndef CLEARED_LAST
        atomic { SERVER_FENCE -> upcall_pending = 0 };
#endif
        d_step { ready = ready | control_ready; control_ready = 0 }
    :: else -> skip
    fi;
    do
    :: ready ->
#ifdef NO_HEADS /* wrong: what is linked behind the first is not asked for */
        at = control_head;
#else
        if
        :: heads != 0 -> at = heads
        :: else -> at = control_head
        fi;
#endif
        d_step {
            old = word[at];
            word[at] = old & (MASKED | BUSY);
            heads = old >> LINK_SHIFT;
            ready = (heads != 0);
            port = ((old & PENDING) != 0 -> at : 0);
            at = 0;
            old = 0
        };
        if
        :: port != 0 -> break
        :: else -> skip
        fi
    :: !ready -> break
    od
#ifdef CLEARED_LAST /* wrong: what came while the queue was looked at is cleared with the rest */
    ;
    if
    :: port == 0 -> atomic { SERVER_FENCE -> upcall_pending = 0 }
    :: else -> skip
    fi
#endif
}

/* vcpu_block, in Xen: it looks for events behind the mark that it sleeps. */
inline vcpu_block() {
    atomic { SERVER_FENCE -> blocked = 1; printf("server: blocks\n") };
#ifdef IDLE_NOT_ATOMIC /* a wrong idle point: it was looked before, and is not any more */
    skip;
#else
    if
    :: upcall_pending && upcalls_on -> blocked = 0
    :: else -> skip
    fi;
#endif
end_idle:
    !blocked
}

/* event_wait without its timer, with arch_idle. */
inline event_wait() {
    if
    :: upcall_pending || ready -> skip /* event_waiting */
    :: else ->
#ifdef PVH
        upcalls_on = 1; /* sti */
        if
        :: upcall_pending ->
            /* The upcall comes before hlt. It leaves interrupts off and goes on behind hlt. */
            upcalls_on = 0;
#ifdef NO_STEP_OVER /* a wrong upcall: it goes back to hlt */
            vcpu_block()
#endif
        :: true -> vcpu_block() /* hlt, and the upcall behind it */
        fi;
#else
        /* SCHEDOP_block opens the upcall mask; the upcall closes it, or else arch_idle. */
        upcalls_on = 1;
        vcpu_block();
#endif
        upcalls_on = 0 /* cli */
    fi
}
