/*
 * Linux as the client of ring.pml: xenbus_thread of drivers/xen/xenbus/xenbus_comms.c, with xb_read
 * and xb_write. virt_mb is a fence, virt_wmb and virt_rmb are nothing on x86.
 */

bit client_event; /* its event channel's interrupt, not handled yet */
bit finished;     /* it has all its replies */

/* The requests on the list. The next is there as soon as the one before is written (callers that do
 * not wait for each other), or when every reply has come (one caller). */
byte listed = 1;

#define data_to_read (rsp_prod != consumed)
#define data_to_write (produced < 2 * listed && produced - req_cons != RING)

/* notify_remote_via_evtchn. */
inline notify() {
    CLIENT_FENCED;
    set_pending(RING_PORT)
}

active proctype client() {
    byte produced, consumed, was;
    bit linked;

    do
    :: consumed == UNITS -> break
    :: else ->
        /* wait_event_interruptible: only where the condition does not hold it enters the queue of
         * those who wait, behind which is a fence, and looks again. What came before that woke
         * nobody. Each part of the condition, once true, stays so: one step is enough for both. */
        if
        :: data_to_read || data_to_write -> skip
        :: else ->
            do
            :: atomic { CLIENT_FENCED -> client_event = 0 };
                if
                :: data_to_read || data_to_write -> break
                :: else -> client_event
                fi
            od
        fi;

        /* process_msg: xb_read of a header, then of a payload; with less, the rest another time. */
        do
        :: !data_to_read -> break
        :: data_to_read ->
            /* The copy, virt_mb, the store of rsp_cons. */
            atomic {
                CLIENT_FENCED -> assert(rsp[consumed % RING] == consumed);
                consumed++;
                client_stores!RSP_CONS, consumed;
                printf("client: took unit %d\n", consumed - 1)
            };
#ifdef CLIENT_FENCE
            CLIENT_FENCED;
#endif
            /* The server gets an event only where the ring was full. */
            if
            :: rsp_prod - (consumed - 1) >= RING -> notify()
            :: else -> skip
            fi;
            if
            :: d_step { consumed % 2 == 0 ->
                if
                :: consumed == produced && produced == 2 * listed && listed < MESSAGES -> listed++
                :: else -> skip
                fi };
                break
            :: else -> skip
            fi
        od;

        /* process_writes: one request, xb_write of its header and of its payload. */
        do
        :: !data_to_write -> break
        :: data_to_write ->
            /* virt_mb, the copy, virt_wmb, the store of req_prod. */
            atomic {
                CLIENT_FENCED -> client_stores!DATA + produced % RING, produced;
                produced++;
                client_stores!REQ_PROD, produced;
                printf("client: wrote unit %d\n", produced - 1)
            };
#ifdef CLIENT_FENCE
            CLIENT_FENCED;
#endif
            /* The server gets an event only where it has read all that was there before. Nothing
             * keeps this load behind the store. */
            if
            :: produced - 1 <= req_cons -> notify()
            :: else -> printf("client: sends no event, req_cons is %d\n", req_cons)
            fi;
            if
            :: produced % 2 == 0 ->
                if
                :: listed < MESSAGES -> listed++
                :: true -> skip
                fi;
                break
            :: else -> skip
            fi
        od
    od;
    finished = 1
}
