/*
 * One image replaces another in the same domain. The kernel that goes leaves a region at the end of
 * free memory: this header, and what the program adds. Xen's objects stay as they are: the pages of
 * the event channels, mapped grants, the grant table, shared info. The next kernel finds the header
 * as the module of its start, goes on with these objects, and takes the region back once the
 * program has read its part.
 *
 * Both images must have the same HANDOVER_VERSION, which changes with every structure here.
 */
#ifndef MINI_OS_HANDOVER_H
#define MINI_OS_HANDOVER_H

#include <mini-os/arch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/event_channel.h>

#define HANDOVER_MAGIC "XSTSIMG"
#define HANDOVER_VERSION 1

#define EVENT_WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define EVENT_PAGES (EVTCHN_FIFO_NR_CHANNELS / EVENT_WORDS_PER_PAGE)

struct handover_events {
    uint64_t control;            /* address of the FIFO control block */
    uint64_t pages[EVENT_PAGES]; /* addresses of the pages of event words */
    uint32_t ports, ready;
    uint32_t heads[EVTCHN_FIFO_MAX_QUEUES];
    int32_t timer_port;
};

struct handover_memory {
    uint64_t heap_start, heap_end; /* the builder's end; where the region ends */
    uint64_t image_most;           /* where images must end */
    uint64_t more_start, more_end; /* where the heap may go on */
};

struct handover_grants {
    uint64_t slots[GRANT_SLOTS / 64]; /* that are taken, one bit each */
    uint64_t table;                   /* address; 0: not mapped */
    uint32_t next;                    /* free entry of the table */
    uint32_t mapped;
};

struct handover {
    char magic[8];
    uint32_t version, store_port;
    uint64_t size; /* bytes, this header included */
    uint64_t shared_info;
    /* The image before, while it can be started again; 0: it cannot. Then `failed` says why it was.
     */
    uint64_t back;
    char failed[160];
    char command_line[sizeof((struct boot_info){0}.command_line)];
    struct handover_events events;
    struct handover_memory memory;
    struct handover_grants grants;
    char program[]; /* the program's part */
};

/** The header that the kernel before has left; NULL: Xen has started the domain. */
extern struct handover *handover;

#endif
