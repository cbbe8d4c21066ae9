/*
 * Two threads on one ring page: the real ring.c, ring_transport.c and links against a client that
 * follows the rule of Linux's xenbus driver (drivers/xen/xenbus/xenbus_comms.c) to the letter.
 * It writes header and payload separately and sends an event behind each only where `req_prod`
 * before the write was not ahead of `req_cons`; between its store of `req_prod` and that load
 * stands no full fence. It announces room only where it found the response ring full.
 *   MESSAGES=n  SEED=n
 */
#include "../../stubdom/transport/ring_below.h"
#include "../../stubdom/transport/link.h"
#include "../../stubdom/transport/ring_link.h"
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#define DOMID 7
#define PORT 5
#define OUTSTANDING_MOST 12
/* Without a message for so long, a wake-up is lost: the periodic look comes ten times before. */
#define HANG_SECONDS (10 * LINK_LOOK_MILLISECONDS / 1000 + 20)

/* What Linux's barriers are on x86. */
#define virt_wmb() __asm__ volatile("" ::: "memory")
#define virt_rmb() __asm__ volatile("" ::: "memory")
#define virt_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static struct xenstore_domain_interface page __attribute__((aligned(4096)));
static volatile struct xenstore_domain_interface *const shared = &page;
static int server_event, client_event; /* a port's PENDING bit, as who waits sees it */
static long messages, answered;
static bool done, wrong;
static uint64_t random_state;

static void send_event(int *event) {
    __atomic_store_n(event, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, event, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void sleep_until_event(int *event, const struct timespec *most) {
    syscall(SYS_futex, event, FUTEX_WAIT_PRIVATE, 0, most, NULL, 0);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* --- below the server's links --- */

bool below_map(struct endpoint *endpoint) {
    endpoint->page = &page;
    return true;
}

void below_unmap(struct endpoint *endpoint) {
    (void)endpoint;
}

int below_bind(unsigned domid, unsigned remote_port) {
    (void)domid, (void)remote_port;
    return PORT;
}

void below_unbind(unsigned port) {
    (void)port;
}

void below_notify(unsigned port) {
    (void)port;
    send_event(&client_event);
}

/* --- the server: turns as in stubdom/main.c --- */

static struct {
    struct header header;
    char payload[PAYLOAD_MAX];
    bool waits; /* the reply was refused: the link is flow-controlled until there is room */
} reply;

static void answer(int link, const struct message *message) {
    reply.header = message->header;
    memcpy(reply.payload, message->payload, message->header.length);
    reply.waits = !link_reply(link, &reply.header, reply.payload);
    link_set_flow_control(link, reply.waits);
}

static void try_again(int link) {
    if (!reply.waits || !link_reply(link, &reply.header, reply.payload))
        return;
    reply.waits = false;
    link_set_flow_control(link, false);
    link_wake(link);
}

static void turn(int link) {
    int32_t events[16];
    struct message message;
    for (int i = link_events(events, 8); i > 0; i--)
        if (events[2 * (i - 1)] == EVENT_ROOM)
            try_again(link);
    for (int left = 128; left > 0; left--) {
        enum link_next next = link_next(&link, &message);
        if (next == NEXT_NONE)
            break;
        if (next == NEXT_MESSAGE)
            answer(link, &message);
        else if (!reply.waits && link_receive(link, &message))
            answer(link, &message);
        link_commit();
    }
    link_flush();
}

static void *serve(void *argument) {
    int link = *(int *)argument;
    const struct timespec period = {.tv_nsec = LINK_LOOK_MILLISECONDS * 1000000L};
    double next_look = now() + LINK_LOOK_MILLISECONDS / 1e3;
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
        turn(link);
        if (!link_look() && !__atomic_load_n(&server_event, __ATOMIC_SEQ_CST))
            sleep_until_event(&server_event, &period);
        if (__atomic_exchange_n(&server_event, 0, __ATOMIC_SEQ_CST))
            ring_links_event(PORT);
        if (now() >= next_look) {
            link_look_at_all();
            next_look = now() + LINK_LOOK_MILLISECONDS / 1e3;
        }
    }
    return NULL;
}

/* --- the client --- */

static uint32_t random_below(uint32_t most) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 16) % most;
}

static uint32_t length_of(uint32_t id) {
    uint32_t mixed = id * 2654435761u >> 8;
    return mixed % 64 ? mixed % 61 : mixed / 64 % (PAYLOAD_MAX + 1);
}

static char byte_of(uint32_t id, uint32_t at) {
    return (char)(id * 31 + at * 7);
}

/* As much of the bytes as there is room for, as xb_write(). */
static uint32_t ring_write(const char *bytes, uint32_t length) {
    uint32_t written = 0;
    while (written < length) {
        uint32_t cons = shared->req_cons, prod = shared->req_prod;
        uint32_t room = XENSTORE_RING_SIZE - (prod - cons);
        if (!room)
            return written;
        virt_mb();
        uint32_t start = MASK_XENSTORE_IDX(prod), part = XENSTORE_RING_SIZE - start;
        part = part < room ? part : room;
        part = part < length - written ? part : length - written;
        memcpy(page.req + start, bytes + written, part);
        written += part;
        virt_wmb();
        shared->req_prod = prod + part;
        if (prod <= shared->req_cons)
            send_event(&server_event);
    }
    return written;
}

/* As much as is there, as xb_read(). */
static uint32_t ring_read(char *bytes, uint32_t length) {
    uint32_t got = 0;
    while (got < length) {
        uint32_t cons = shared->rsp_cons, prod = shared->rsp_prod;
        if (cons == prod)
            return got;
        uint32_t start = MASK_XENSTORE_IDX(cons), part = XENSTORE_RING_SIZE - start;
        part = part < prod - cons ? part : prod - cons;
        part = part < length - got ? part : length - got;
        virt_rmb();
        memcpy(bytes + got, page.rsp + start, part);
        got += part;
        virt_mb();
        shared->rsp_cons = cons + part;
        if (shared->rsp_prod - cons >= XENSTORE_RING_SIZE)
            send_event(&server_event);
    }
    return got;
}

/* A message goes out in pieces: header, and a payload in one or two. */
static struct {
    struct header header;
    char payload[PAYLOAD_MAX];
    uint32_t ends[3]; /* of the pieces */
    uint32_t piece, at;
    bool busy;
} out;

static long asked;

static void next_request(void) {
    uint32_t id = asked++, length = length_of(id);
    out.header = (struct header){.type = XS_READ, .request_id = id, .length = length};
    for (uint32_t i = 0; i < length; i++)
        out.payload[i] = byte_of(id, i);
    out.ends[0] = HEADER_SIZE;
    out.ends[1] = HEADER_SIZE + (id % 3 ? length : length / 2);
    out.ends[2] = HEADER_SIZE + length;
    out.piece = out.at = 0;
    out.busy = true;
}

static void write_requests(long outstanding_most) {
    if (!out.busy && asked < messages && asked - answered < outstanding_most)
        next_request();
    while (out.busy) {
        const char *from = out.piece == 0 ? (const char *)&out.header + out.at
                                          : out.payload + out.at - HEADER_SIZE;
        out.at += ring_write(from, out.ends[out.piece] - out.at);
        if (out.at < out.ends[out.piece])
            return;
        out.busy = ++out.piece < 3;
    }
}

static struct {
    struct header header;
    char payload[PAYLOAD_MAX];
    uint32_t at;
} in;

static void check_reply(void) {
    bool right = in.header.request_id == (uint32_t)answered;
    for (uint32_t i = 0; right && i < in.header.length; i++)
        right = in.payload[i] == byte_of(in.header.request_id, i);
    wrong |= !right || in.header.length != length_of(in.header.request_id);
}

static void read_replies(void) {
    if (in.at < HEADER_SIZE)
        in.at += ring_read((char *)&in.header + in.at, HEADER_SIZE - in.at);
    if (in.at < HEADER_SIZE)
        return;
    if (in.header.length > PAYLOAD_MAX) {
        wrong = true;
        return;
    }
    in.at += ring_read(in.payload + in.at - HEADER_SIZE, HEADER_SIZE + in.header.length - in.at);
    if (in.at < HEADER_SIZE + in.header.length)
        return;
    check_reply();
    in.at = 0;
    __atomic_store_n(&answered, answered + 1, __ATOMIC_RELAXED);
}

static bool has_work(long outstanding_most) {
    if (shared->rsp_cons != shared->rsp_prod)
        return true;
    bool wants = out.busy || (asked < messages && asked - answered < outstanding_most);
    return wants && shared->req_prod - shared->req_cons != XENSTORE_RING_SIZE;
}

static void *ask(void *nothing) {
    long outstanding_most = 1;
    (void)nothing;
    while (answered < messages && !wrong) {
        /* As wait_event(): an interrupt behind this look at the condition ends the sleep. */
        for (;;) {
            __atomic_exchange_n(&client_event, 0, __ATOMIC_SEQ_CST);
            if (has_work(outstanding_most))
                break;
            sleep_until_event(&client_event, NULL);
        }
        read_replies();
        if (answered % 64 == 0)
            outstanding_most = random_below(3) ? 1 : 1 + random_below(OUTSTANDING_MOST);
        write_requests(outstanding_most);
    }
    __atomic_store_n(&done, true, __ATOMIC_RELAXED);
    send_event(&server_event);
    return NULL;
}

/* True: no message came for so long that none will. */
static bool stands_still(void) {
    long before = -1;
    double since = now();
    while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
        long seen = __atomic_load_n(&answered, __ATOMIC_RELAXED);
        if (seen != before)
            since = now();
        before = seen;
        if (now() - since > HANG_SECONDS)
            return true;
        usleep(20000);
    }
    return false;
}

static void no_wake_up_is_lost(void) {
    pthread_t server, client;
    int link = ring_link_open(DOMID, 1);
    CHECK(link >= 0);
    link_announce(link);
    pthread_create(&server, NULL, serve, &link);
    pthread_create(&client, NULL, ask, NULL);
    bool hangs = stands_still();
    CHECK(!hangs);
    printf("# %ld messages, %lu found by the periodic look\n", answered, link_found_late());
    if (hangs) {
        printf("# req_prod %u req_cons %u rsp_prod %u rsp_cons %u, events: server %d client %d\n",
               page.req_prod, page.req_cons, page.rsp_prod, page.rsp_cons, server_event,
               client_event);
        return;
    }
    pthread_join(client, NULL);
    pthread_join(server, NULL);
    CHECK(!wrong && answered == messages);
    link_close(link);
}

int main(void) {
    const char *count = getenv("MESSAGES"), *seed = getenv("SEED");
    messages = count ? atol(count) : 300000;
    random_state = seed ? strtoull(seed, NULL, 0) : 1;
    RUN(no_wake_up_is_lost);
    return VERDICT;
}
