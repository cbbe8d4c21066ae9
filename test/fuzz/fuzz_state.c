/*
 * State streams: a fresh program is started on one, as by `--restore FILE`. It says why it cannot,
 * or it serves with a store that is sound and that can be written and read again.
 *
 * The first byte says whether the rest is the stream itself, or records whose lengths are filled
 * in; in how large pieces the program gets it; and whether it is to be written and read again.
 */
#include "../../stubdom/engine/memory.h"
#include "../../stubdom/state/update.h"
#include "client.h"
#include "daemon.h"
#include "history.h"
#include "script.h"
#include <string.h>
#include <xen/io/xs_wire.h>

#define STREAM_MOST 65536
#define OWN_RECORD 0x53545358

static uint8_t stream[STREAM_MOST];
static size_t length;
static struct client client;

static void add(const void *bytes, size_t count) {
    if (count > sizeof(stream) - length)
        count = sizeof(stream) - length;
    memcpy(stream + length, bytes, count);
    length += count;
}

static void add_u32(uint32_t number) {
    add(&number, sizeof(number));
}

static void make_records(struct script *script) {
    static const char preamble[] = "xenstore\0\0\0\x02\0\0\0";
    static const char zeros[8];
    add(preamble, sizeof(preamble));
    while (!script_ended(script)) {
        uint8_t type = script_byte(script);
        size_t size = type & 0x80 ? script_u16(script) : script_byte(script);
        const uint8_t *body = script_bytes(script, size, &size);
        add_u32((type & 15) == 15 ? OWN_RECORD : type & 15);
        add_u32((size + 7) & ~7u);
        add(body, size);
        add(zeros, -size & 7);
    }
}

static void save(size_t piece) {
    for (size_t at = 0; at < length; at += piece) {
        size_t part = length - at < piece ? length - at : piece;
        if (!update_save((const char *)stream + at, part))
            fail("there is no memory for the stream");
    }
}

static void ask(uint32_t type, const char *payload, uint32_t size) {
    if (!client_send(&client, type, 0, payload, size))
        fail("the client is not connected");
    daemon_turns();
    client_receive(&client);
    if (client_waits(&client))
        fail("no answer");
}

static void serve(void) {
    client_connect(&client, "client", -1);
    daemon_turns();
    ask(XS_CONTROL, "check", 6);
    if (strcmp(client.answer, "OK") != 0)
        fail("check: %s", client.answer);
    ask(XS_DIRECTORY, "/", 2);
    ask(XS_WRITE, "/new/node\0value", 15);
    ask(XS_RM, "/new", 5);
    ask(XS_WATCH, "/\0token", 8);
    client_hang_up(&client);
    daemon_turns();
    daemon_check_garbage();
}

/* What it has now is written, and a second program begins with it. */
static void save_again(void) {
    engine_memory_turn();
    if (!engine_call("save", 0, NULL))
        fail("the state cannot be written");
    daemon_check_log();
    engine_stop();
    const char *wrong = daemon_start();
    if (wrong)
        fail("what it wrote itself is refused: %s", wrong);
    serve();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    uint8_t how = script_byte(&script);
    length = 0;
    history_begin();
    fuzz_domains_reset();
    if ((how & 0x81) == 0x81)
        add(script.at, script.end - script.at);
    else
        make_records(&script);
    save(how & 2 ? 1 + (how >> 2) : sizeof(stream));
    daemon_config.origin = ORIGIN_FILE;
    if (!daemon_start()) {
        serve();
        if (how & 1)
            save_again();
    }
    daemon_check_log();
    daemon_stop();
    return 0;
}
