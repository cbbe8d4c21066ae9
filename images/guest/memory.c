/*
 * Uses up the store's memory in the ways (kinds) that the command line names: `act=memory missing
 * history rounds=3`. A single kind keeps its memory at the end; several kinds free it one after the
 * other. Dom0 creates data/go as the signal to begin, and the first round removes it. data/rounds
 * counts rounds; without rounds= they never end. As Linux does, the guest sends requests before it
 * has the replies of earlier ones.
 */
#include "acts.h"
#include "client.h"
#include <mini-os/clock.h>
#include <mini-os/events.h>
#include <mini-os/panic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define TRANSACTIONS 10
#define MISSING 1020
/* Nodes of a directory: with more names the directory would exceed the size limit of a node. */
#define DIRECTORY 490
#define WATCHES 128
#define ALTERNATIONS 16
/* Bytes of a value: with its permission list, the node has the largest size. */
#define VALUE 2024
#define IN_FLIGHT 16
/* Unread events go stale after 20 s. So many new ones are made every REFILL_NS. */
#define REFILL 12
#define REFILL_NS (8 * 1000000000ull)

static struct reply reply;
static unsigned waiting, refused;
static char last[16];
static uint32_t opened[TRANSACTIONS], oldest;
static unsigned round_number;

static void take_reply(void) {
    client_end(&reply);
    waiting--;
    if (reply.type != XS_ERROR || strcmp(reply.payload, "ENOENT") == 0)
        return;
    refused++;
    snprintf(last, sizeof(last), "%.15s", reply.payload);
}

static void settle(void) {
    while (waiting)
        take_reply();
}

static void post(uint32_t type, const void *payload, uint32_t length) {
    if (waiting == IN_FLIGHT)
        take_reply();
    client_begin(type, payload, length);
    waiting++;
}

/* Writes the path data/m/DIRECTORY/NUMBER. Returns its length with the NUL. */
static uint32_t node(char *path, unsigned i) {
    return sprintf(path, "data/m/%u/%u", i / DIRECTORY, i % DIRECTORY) + 1;
}

static uint32_t start(void) {
    settle();
    client_request(XS_TRANSACTION_START, "", 1, &reply);
    return reply.type == XS_ERROR ? 0 : strtoul(reply.payload, NULL, 10);
}

static void end(uint32_t transaction, const char *how) {
    if (!transaction)
        return;
    settle();
    client_transaction = transaction;
    client_request(XS_TRANSACTION_END, how, 2, &reply);
    client_transaction = 0;
}

/* The store keeps the name of each missing node that an open transaction has read. */
static void missing(void) {
    char path[32];
    for (unsigned t = 0; t < TRANSACTIONS; t++)
        end(opened[t], "F");
    for (unsigned t = 0; t < TRANSACTIONS; t++) {
        opened[t] = start();
        if (!opened[t])
            continue;
        client_transaction = opened[t];
        for (unsigned i = 0; i < MISSING; i++)
            post(XS_READ, path, sprintf(path, "data/none/%u/%u", t, i) + 1);
        settle();
        client_transaction = 0;
    }
}

/* The store keeps old values for the oldest transaction, and each newer snapshot needs one more
 * copy. */
static void alternate(unsigned number) {
    char text[64];
    client_transaction = oldest;
    if (oldest)
        client_read("data/acting", &reply);
    client_transaction = 0;
    if (!oldest || reply.type == XS_ERROR) {
        end(oldest, "F");
        oldest = start();
    }
    uint32_t brief = start();
    for (unsigned i = 0; i < 2 * DIRECTORY; i++) {
        uint32_t length = node(text, i);
        length += sprintf(text + length, "%u", number);
        post(XS_WRITE, text, length);
    }
    end(brief, "T");
}

static void history(void) {
    for (unsigned n = 0; n < ALTERNATIONS; n++)
        alternate(round_number * ALTERNATIONS + n);
}

static void values(void) {
    static char text[64 + VALUE];
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t length = node(text, i);
        memset(text + length, 'a' + (round_number + i) % 26, VALUE);
        post(XS_WRITE, text, length + VALUE);
    }
}

/* Writes a permission list of five entries, the most that a list may have. `number` selects domains
 * and rights. */
static uint32_t list(char *text, unsigned domid, unsigned number) {
    static const char rights[] = "nrwb";
    uint32_t length = sprintf(text, "n%u", domid) + 1;
    for (unsigned entry = 0; entry < 4; entry++, number >>= 3)
        length += sprintf(text + length, "%c%u", rights[number & 3], number & 4 ? domid : 0) + 1;
    return length;
}

static void lists(void) {
    char text[64];
    settle();
    client_read("domid", &reply);
    unsigned domid = strtoul(reply.payload, NULL, 10);
    for (unsigned i = 0; i < 2 * DIRECTORY; i++) {
        uint32_t length = node(text, i);
        post(XS_WRITE, text, length);
        post(XS_SET_PERMS, text, length + list(text + length, domid, i + round_number * DIRECTORY));
    }
}

static uint32_t in_home(char *path, unsigned i) {
    return sprintf(path, "data/home/%u", i) + 1;
}

static void home_is_readable(void) {
    char text[32];
    settle();
    client_write("data/home", "", &reply);
    client_read("domid", &reply);
    uint32_t length = sprintf(text, "data/home") + 1;
    length += sprintf(text + length, "r%.5s", reply.payload) + 1;
    client_request(XS_SET_PERMS, text, length, &reply);
}

static void come_and_go(unsigned nodes) {
    char path[32];
    for (unsigned i = 0; i < nodes; i++)
        post(XS_WRITE, path, in_home(path, i));
    for (unsigned i = 0; i < nodes; i++)
        post(XS_RM, path, in_home(path, i));
    settle();
}

/* Changes nodes that other guests watch. */
static void owner(void) {
    if (round_number == 0)
        home_is_readable();
    come_and_go(DIRECTORY);
}

static void refill_for_ever(void) {
    for (;;) {
        uint64_t next = clock_monotonic_ns() + REFILL_NS;
        while (clock_monotonic_ns() < next) {
            while (event_next() >= 0)
                ;
            event_wait(next);
        }
        come_and_go(REFILL);
    }
}

/* Reads nothing any more. */
static void deaf_for_ever(void) {
    for (;;)
        client_wait();
}

/* Makes events and does not read them: of another guest's nodes (`home=`), or of its own. */
static void watches(void) {
    char path[64], token[8];
    const char *home = told("home");
    if (!home)
        home_is_readable();
    settle();
    for (unsigned i = 0; i < WATCHES; i++) {
        snprintf(token, sizeof(token), "%u", i);
        client_watch(home ? home : "data/home", token, &reply);
    }
    client_write("data/deaf", "yes", &reply);
    if (home)
        deaf_for_ever();
    for (;;) {
        for (unsigned i = 0; i < DIRECTORY; i++)
            client_begin(XS_WRITE, path, in_home(path, i));
        for (unsigned i = 0; i < DIRECTORY; i++)
            client_begin(XS_RM, path, in_home(path, i));
    }
}

/* Makes large replies and does not read them. */
static void replies(void) {
    static char text[64 + VALUE];
    settle();
    uint32_t length = sprintf(text, "data/large") + 1;
    memset(text + length, 'x', VALUE);
    client_request(XS_WRITE, text, length + VALUE, &reply);
    client_write("data/deaf", "yes", &reply);
    for (;;)
        client_begin(XS_READ, "data/large", sizeof("data/large"));
}

/* Kinds that do not return come last. */
static const struct {
    const char *name;
    void (*round)(void);
} kinds[] = {{"missing", missing}, {"history", history}, {"values", values},  {"lists", lists},
             {"owner", owner},     {"watches", watches}, {"replies", replies}};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void tell(void) {
    char said[64];
    settle();
    snprintf(said, sizeof(said), "%u %u %s", round_number, refused, last);
    client_write("data/rounds", said, &reply);
    /* A removal shows the round, because a store without memory does not refuse removals for
     * long. */
    do
        client_request(XS_RM, "data/go", sizeof("data/go"), &reply);
    while (reply.type == XS_ERROR && strcmp(reply.payload, "ENOENT") != 0);
}

static void make_room(void) {
    settle();
    for (unsigned t = 0; t < TRANSACTIONS; t++) {
        end(opened[t], "F");
        opened[t] = 0;
    }
    end(oldest, "F");
    oldest = 0;
    client_request(XS_RM, "data/m", sizeof("data/m"), &reply);
}

/* Dom0 creates data/go when all guests are ready. */
static void wait_for_go(void) {
    client_watch("data/go", "go", &reply);
    do {
        client_wait_event();
        client_read("data/go", &reply);
    } while (reply.type == XS_ERROR);
    client_request(XS_UNWATCH, "data/go\0go", sizeof("data/go\0go"), &reply);
}

void memory(void) {
    unsigned count = 0;
    for (unsigned k = 0; k < KINDS; k++)
        count += told(kinds[k].name) != NULL;
    if (!count)
        panic("act=memory needs a kind");
    client_write("data/rounds", "", &reply);
    client_write("data/acting", "yes", &reply);
    /* A guest that watches another's nodes must begin before the other. */
    if (!told("home"))
        wait_for_go();
    const char *rounds = told("rounds");
    unsigned most = rounds ? strtoul(rounds, NULL, 10) : 0;
    while (!most || round_number < most) {
        for (unsigned k = 0; k < KINDS; k++) {
            if (!told(kinds[k].name))
                continue;
            kinds[k].round();
            if (count > 1)
                make_room();
        }
        round_number++;
        tell();
    }
    if (told("owner"))
        refill_for_ever();
    for (;;)
        client_wait_event();
}
