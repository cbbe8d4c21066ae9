/*
 * Replies of a 9p server that means harm: a right one with some bytes changed, an error, any bytes,
 * any indexes, at any time; and what the program writes meanwhile.
 */
#include "../../stubdom/xen/9pfs/ninep_below.h"
#include "../../stubdom/xen/9pfs/ninep_client.h"
#include "../../stubdom/xen/9pfs/ninep_session.h"
#include "../../stubdom/xen/9pfs/ninep_message.h"
#include "history.h"
#include "platform.h"
#include "script.h"
#include <stdlib.h>

#define ORDER 1
#define HALF (1u << (12 + ORDER - 1))
#define STEPS_MOST 300
#define REPLY_MOST 700

static struct xen_9pfs_data_intf *page;
static uint8_t *data; /* replies, and behind them requests */
static struct ninep_ring ring;
static uint32_t in_prod, out_cons;
static bool connected;

void ninep_below_notify(void) {
}

void ninep_below_say(const char *line) {
    platform_log(line, strlen(line));
}

/* --- the server --- */

static uint8_t request_byte(uint32_t at) {
    return data[HALF + (out_cons + at) % HALF];
}

static void send(const uint8_t *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++)
        data[(in_prod + i) % HALF] = bytes[i];
    in_prod += length;
    page->in_prod = in_prod;
}

static uint32_t put(uint8_t *reply, uint32_t at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        reply[at + i] = value >> 8 * i;
    return at + bytes;
}

/* What an honest server answers to a request of this type. */
static uint32_t body(uint8_t *reply, uint8_t type) {
    static const char dialect[] = NINEP_DIALECT;
    uint32_t at = NINEP_HEADER, names, length;
    switch (type) {
    case NINEP_VERSION:
        at = put(reply, at, 4096, 4);
        at = put(reply, at, sizeof(dialect) - 1, 2);
        memcpy(reply + at, dialect, sizeof(dialect) - 1);
        return at + sizeof(dialect) - 1;
    case NINEP_ATTACH:
        return at + NINEP_QID;
    case NINEP_WALK:
        names = request_byte(15) % 8;
        return put(reply, at, names, 2) + names * NINEP_QID;
    case NINEP_OPEN:
    case NINEP_CREATE:
        return put(reply, at + NINEP_QID, 0, 4);
    case NINEP_WRITE:
        length = request_byte(19) | request_byte(20) << 8;
        return put(reply, at, length, 4);
    case NINEP_STAT:
        return at + 2 + 2 + 41 + 8 + 4 * 2 + 14;
    default:
        return at;
    }
}

/* The request in front, answered; `changes` bytes of the answer are the input's. */
static void answer(struct script *script, unsigned changes, bool error) {
    uint8_t reply[REPLY_MOST] = {0};
    uint32_t waiting = page->out_prod - out_cons;
    if (waiting < NINEP_HEADER || waiting > HALF)
        return;
    uint8_t type = request_byte(4);
    uint32_t length = NINEP_HEADER;
    if (error)
        length = put(reply, put(reply, length, 0, 2), script_byte(script), 4);
    else
        length = body(reply, type);
    put(reply, 0, length, 4);
    reply[4] = error ? NINEP_ERROR : type + 1;
    reply[5] = request_byte(5);
    reply[6] = request_byte(6);
    for (unsigned i = 0; i < changes; i++) {
        uint8_t at = script_byte(script);
        reply[at] = script_byte(script);
    }
    uint32_t size = request_byte(0) | request_byte(1) << 8;
    out_cons += size < waiting ? size : waiting;
    page->out_cons = out_cons;
    send(reply, length);
}

/* More than a message may have, for few bytes of the input. */
static void send_many(struct script *script) {
    uint32_t length = script_u16(script) % HALF;
    uint8_t byte = script_byte(script);
    for (uint32_t i = 0; i < length; i++)
        send(&byte, 1);
}

static void write_index(struct script *script) {
    RING_IDX *const indexes[] = {&page->in_cons, &page->in_prod, &page->out_cons, &page->out_prod};
    uint8_t which = script_byte(script);
    uint32_t value = script_u32(script);
    *indexes[which % 4] = which & 128 ? *indexes[which % 4] + value : value;
}

/* --- the program --- */

static void connect_share(void) {
    memset(data, 0, 2 * HALF);
    ninep_ring_start(&ring, page, data, ORDER);
    in_prod = out_cons = 0;
    ninep_session_connected(&ring);
    connected = true;
}

static void text_of(struct script *script, char *text, size_t most) {
    size_t length;
    const uint8_t *bytes = script_counted(script, &length);
    if (length > most)
        length = most;
    memcpy(text, bytes, length);
    text[length] = '\0';
}

static void open_log(struct script *script) {
    char path[300];
    uint8_t how = script_byte(script);
    text_of(script, path, sizeof(path) - 1);
    struct log_place place = {path, how >> 2 & 7, how >> 5, how & 128 ? "mark\n" : ""};
    ninep_client_open_log((how & 3) % LOG_SINKS, &place);
}

static void write_lines(struct script *script) {
    char line[300];
    uint8_t how = script_byte(script);
    text_of(script, line, sizeof(line) - 1);
    for (unsigned i = 0; i < 1u + (how >> 2); i++)
        ninep_client_write_log((how & 3) % LOG_SINKS, line, strlen(line));
}

static void write_once(struct script *script) {
    char path[300];
    size_t length;
    text_of(script, path, sizeof(path) - 1);
    const uint8_t *bytes = script_counted(script, &length);
    if (!ninep_client_write(path, NULL, 0))
        ninep_client_write(path, (const char *)bytes, length);
}

static void pass_time(struct script *script) {
    fuzz_time += 1 << (script_byte(script) & 15);
    double deadline = ninep_session_deadline();
    if (deadline >= 0 && fuzz_time >= deadline)
        ninep_session_timed_out();
}

static void step(struct script *script) {
    uint8_t op = script_byte(script);
    size_t length;
    const uint8_t *bytes;
    switch (op & 15) {
    default:
        answer(script, op >> 4 & 7, false);
        break;
    case 6:
        answer(script, op >> 4 & 3, true);
        break;
    case 7:
        bytes = script_counted(script, &length);
        send(bytes, length);
        break;
    case 15:
        send_many(script);
        break;
    case 8:
        write_index(script);
        break;
    case 9:
    case 10:
        open_log(script);
        break;
    case 11:
        write_lines(script);
        break;
    case 12:
        write_once(script);
        break;
    case 13:
        pass_time(script);
        break;
    case 14:
        ninep_session_gone();
        connected = false;
        break;
    }
    if (!connected)
        connect_share();
    else if (!ninep_session_event()) {
        ninep_session_gone();
        connected = false;
    }
}

static void begin(void) {
    page = malloc(sizeof(*page) + 64);
    data = malloc(2 * HALF);
    if (!page || !data)
        fail("there is no memory for the ring");
    memset(page, 0, sizeof(*page));
    ninep_session_start();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    static const struct log_place nowhere = {.path = "", .mark = ""};
    if (!page)
        begin();
    fuzz_log = getenv("FUZZ_LOG") != NULL;
    history_begin();
    connect_share();
    for (int n = 0; n < STEPS_MOST && !script_ended(&script); n++)
        step(&script);
    /* A server that is honest from here on gets all that was written once, and nothing is kept. */
    for (unsigned sink = 0; sink < LOG_SINKS; sink++)
        ninep_client_open_log(sink, &nowhere);
    ninep_session_gone();
    connect_share();
    struct script nothing = {input, input};
    for (int n = 0; n < 2000 && page->out_prod != out_cons; n++) {
        answer(&nothing, 0, false);
        if (!ninep_session_event())
            fail("an honest server is given up");
    }
    if (page->out_prod != out_cons)
        fail("an honest server is asked for ever");
    ninep_session_gone();
    connected = false;
    return 0;
}
