/*
 * The ring pages, of three guests: the real ring.c, ring_transport.c and links below the daemon. An
 * input is a script of what a guest does with its page, by the rules or not, and of what a second
 * thread writes into it meanwhile.
 */
#include "../../stubdom/transport/ring_below.h"
#include "../../stubdom/transport/link.h"
#include "../../stubdom/transport/ring_link.h"
#include "history.h"
#include "scribbler.h"
#include "script.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define GUESTS 3
#define FIRST_PORT 10
#define STEPS_MOST 100
#define PAGE SCRIBBLED_PAGE
/* Inputs whose scribbles are a thread's: each of its wake-ups takes as long as many inputs. */
#define THREADED_ONE_IN 251
#define TYPES 28

typedef struct xenstore_domain_interface page_t;
static page_t *pages[GUESTS + 1]; /* by domid, each with red zones around it */
static bool mapped[GUESTS + 1];
static struct scribble scribbles[SCRIBBLES];
static unsigned scribbled;
static bool threaded;
static uint32_t next_id;

/* --- below the links --- */

bool below_map(struct endpoint *endpoint) {
    unsigned domid = endpoint->domid;
    if (domid < 1 || domid > GUESTS || mapped[domid])
        return false;
    mapped[domid] = true;
    endpoint->page = pages[domid];
    return true;
}

void below_unmap(struct endpoint *endpoint) {
    mapped[endpoint->domid] = false;
}

int below_bind(unsigned domid, unsigned remote_port) {
    return remote_port % 5 == 4 ? -1 : (int)(FIRST_PORT + domid + 100 * (remote_port % 2));
}

void below_unbind(unsigned port) {
    (void)port;
}

void below_notify(unsigned port) {
    (void)port;
}

/* --- the guests --- */

static unsigned copy_in(page_t *page, const void *bytes, uint32_t length) {
    uint32_t prod = page->req_prod, room = XENSTORE_RING_SIZE - (prod - page->req_cons);
    if (room > XENSTORE_RING_SIZE)
        return 0;
    if (length > room)
        length = room;
    for (uint32_t i = 0; i < length; i++)
        page->req[(prod + i) % XENSTORE_RING_SIZE] = ((const char *)bytes)[i];
    page->req_prod = prod + length;
    return length;
}

static void request(page_t *page, struct script *script, unsigned kind) {
    size_t length;
    uint8_t type = script_byte(script);
    const uint8_t *payload = script_counted(script, &length);
    struct header header = {.type = type < 0xf0 ? type % TYPES : type,
                            .request_id = next_id++,
                            .transaction_id = kind == 1,
                            .length = length};
    if (copy_in(page, &header, sizeof(header)) == sizeof(header))
        copy_in(page, payload, length);
}

static void write_word(page_t *page, unsigned where, uint32_t value) {
    volatile uint32_t *const words[] = {&page->req_cons,       &page->req_prod,   &page->rsp_cons,
                                        &page->rsp_prod,       &page->connection, &page->error,
                                        &page->server_features};
    *words[where % 7] = value;
}

static void add_scribble(page_t *page, struct script *script) {
    static const uint16_t places[] = {offsetof(page_t, req_cons),   offsetof(page_t, req_prod),
                                      offsetof(page_t, rsp_cons),   offsetof(page_t, rsp_prod),
                                      offsetof(page_t, connection), offsetof(page_t, error)};
    uint8_t how = script_byte(script);
    uint16_t offset = script_u16(script);
    if (how & 1)
        offset = places[offset % (sizeof(places) / sizeof(places[0]))];
    struct scribble scribble = {
        .width = how & 2 ? 4 : 1, .adds = how & 4 ? 1 : 0, .after = how >> 4};
    scribble.value = scribble.width == 4 && how & 8 ? script_u32(script) : script_byte(script);
    scribble.at = (uint8_t *)page + (scribble.width == 4 ? offset % PAGE & ~3 : offset % PAGE);
    if (scribbled < SCRIBBLES)
        scribbles[scribbled++] = scribble;
}

static void turns(void) {
    if (!scribbled) {
        daemon_turns();
        return;
    }
    /* What changes all the time gives no rest: a few turns, and the rest when it is quiet. */
    scribbler_begin(scribbles, scribbled, threaded);
    for (int i = 0; i < 4; i++) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        if (engine_turn(events) == ENGINE_LOST)
            fail("the program cannot be brought back");
        link_flush();
        link_look();
    }
    scribbler_end();
    scribbled = 0;
    daemon_turns();
}

static void ask_about(uint32_t type, unsigned domid, unsigned port) {
    char text[32];
    int length = type == XS_INTRODUCE
                     ? snprintf(text, sizeof(text), "%u%c%u%c%u", domid, 0, 1, 0, port)
                     : snprintf(text, sizeof(text), "%u", domid);
    world_ask(type, text, length + 1);
}

static void observe(struct script *script) {
    static const struct {
        uint32_t type, length;
        const char *payload;
    } requests[] = {{XS_WRITE, 6, "/a/b\0v"},
                    {XS_RM, 3, "/a"},
                    {XS_SET_PERMS, 9, "/a/b\0n1\0"},
                    {XS_MKDIR, 5, "/a/c"},
                    {XS_READ, 5, "/a/b"}};
    uint8_t which = script_byte(script) % (sizeof(requests) / sizeof(requests[0]));
    world_ask(requests[which].type, requests[which].payload, requests[which].length);
}

static void step(struct script *script) {
    uint8_t op = script_byte(script);
    unsigned kind = op >> 4, domid = 1 + (op & 7) % GUESTS;
    page_t *page = pages[domid];
    size_t length;
    const uint8_t *bytes;
    switch (kind) {
    case 2:
        bytes = script_counted(script, &length);
        copy_in(page, bytes, length);
        break;
    case 3:
        page->rsp_cons = page->rsp_prod;
        break;
    case 4:
        page->rsp_cons += script_byte(script);
        break;
    case 5:
        length = script_byte(script);
        write_word(page, length, script_u32(script));
        break;
    case 6:
        length = script_u16(script);
        ((volatile uint8_t *)page)[length % PAGE] = script_byte(script);
        break;
    case 7:
    case 8:
        add_scribble(page, script);
        return;
    case 9:
        link_look_at_all();
        break;
    case 10:
        fuzz_time += 1 << (script_byte(script) & 15);
        break;
    case 11:
        length = script_byte(script);
        ask_about(length & 128 ? XS_RELEASE : XS_INTRODUCE, domid, length & 127);
        break;
    case 12:
        observe(script);
        break;
    case 13:
        ring_links_event(script_byte(script));
        break;
    case 14:
        page->connection = 1;
        break;
    default:
        request(page, script, kind);
    }
    if (op & 8)
        return;
    ring_links_event(FIRST_PORT + domid);
    turns();
}

static bool begin(void) {
    for (unsigned domid = 1; domid <= GUESTS; domid++) {
        void *page;
        if (posix_memalign(&page, PAGE, PAGE) != 0)
            fail("there is no memory for pages");
        pages[domid] = page;
    }
    fuzz_open = ring_link_open;
    fuzz_rebind = ring_link_rebind;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    static bool begun;
    if (!begun)
        begun = begin();
    world_begin(input, size);
    for (unsigned domid = 1; domid <= GUESTS; domid++)
        memset(pages[domid], 0, PAGE);
    scribbled = 0;
    threaded = size % THREADED_ONE_IN == 0;
    next_id = 1;
    ask_about(XS_INTRODUCE, 1, 5);
    for (int n = 0; n < STEPS_MOST && !script_ended(&script); n++)
        step(&script);
    /* The daemon lets go of each page, whatever is in it. */
    for (unsigned domid = 1; domid < DOMAINS; domid++)
        fuzz_domain_set(domid, 0);
    link_raise(EVENT_DOMAINS);
    daemon_turns();
    for (unsigned domid = 1; domid <= GUESTS; domid++)
        if (mapped[domid])
            fail("the page of domain %u is still mapped", domid);
    fuzz_domains_reset();
    world_end();
    return 0;
}
