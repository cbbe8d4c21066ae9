/* The arguments of the control commands, by a privileged client: one command after the other. */
#include "../../stubdom/engine/fault.h"
#include "history.h"
#include "script.h"
#include "world.h"
#include <string.h>
#include <xen/io/xs_wire.h>

#define COMMANDS_MOST 20
/* What one input sets is there for the next ones; all of them are the history of a failure. */
#define INPUTS_PER_DAEMON 100

static const char *const commands[] = {
    "check",      "log",        "live-update", "logfile", "memreport", "print",   "quota",
    "quota-soft", "help",       "compact",     "config",  "dump",      "metrics", "mfn",
    "sim",        "trace-dump", "trim",        "txn",     "watches",   "xenbus",
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool simulate(unsigned domid, unsigned state) {
    if (domid == 0 || domid >= DOMAINS)
        return false;
    fuzz_domain_set(domid, state);
    link_raise(EVENT_DOMAINS);
    return true;
}

/* Faults on demand would be taken for faults. */
static bool wants_faults(const char *payload, size_t length) {
    static const char option[] = "inject-faults";
    for (size_t at = 0; at + sizeof(option) - 1 <= length; at++) {
        size_t same = 0;
        while (option[same] && payload[at + same] == option[same])
            same++;
        if (!option[same])
            return true;
    }
    return false;
}

/* A byte: which command, or 255: all of it is in the input; then how many bytes of arguments. */
static void command(struct script *script) {
    char payload[PAYLOAD_MAX];
    size_t length = 0, count;
    uint8_t which = script_byte(script);
    if (which != 255) {
        const char *name = commands[which % COMMANDS];
        length = strlen(name) + 1;
        memcpy(payload, name, length);
    }
    const uint8_t *arguments = script_counted(script, &count);
    memcpy(payload + length, arguments, count);
    length += count;
    if (which < 128 && length > 0 && payload[length - 1] != '\0')
        payload[length++] = '\0';
    if (wants_faults(payload, length))
        return;
    if (!client_send(&observer, XS_CONTROL, 0, payload, length))
        fail("the observer is not connected");
    daemon_turns_and_update();
    client_receive(&observer);
    for (int n = 0; client_waits(&observer); n++) {
        if (n == 20)
            fail("no answer");
        fuzz_time += 1000;
        daemon_turns_and_update();
        client_receive(&observer);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    static unsigned inputs;
    daemon_config.simulate = simulate;
    fuzz_files = size % 2;
    fuzz_file = size % 4 < 2 ? embedded_program : NULL;
    fuzz_file_size = embedded_program_end - embedded_program;
    world_begin(input, size);
    world_may_refuse();
    if (++inputs % INPUTS_PER_DAEMON == 0)
        world_spoilt();
    world_ask(XS_WRITE, "/a/b\0value", 10);
    world_ask(XS_WATCH, "/a\0token", 9);
    for (int n = 0; n < COMMANDS_MOST && !script_ended(&script); n++)
        command(&script);
    world_end();
    return 0;
}
