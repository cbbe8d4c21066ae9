/*
 * The test guest. `act=` on its command line selects an act:
 *   rw       writes data/hello, and answers each change of data/ping in data/pong
 *   badring  makes one request, then writes bad indexes into its ring
 *   trap     writes to address 16
 *   text     writes to its own text section
 *   stack    recurses until the stack overflows
 *   relay    connects its console to its xenstore ring
 * or one of acts.h.
 */
#include "acts.h"
#include "client.h"
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <mini-os/panic.h>
#include <mini-os/program.h>
#include <string.h>
#include <xen/io/xs_wire.h>

static struct reply reply;

static void say(const char *what) {
    console_line("guest: %s: %s%s", what, reply.type == XS_ERROR ? "error " : "", reply.payload);
}

static void stay(void) {
    for (;;) {
        while (event_next() >= 0)
            ;
        event_wait(0);
    }
}

static void read_write(void) {
    static char seen[REPLY_MAX + 1];

    client_read("domid", &reply);
    say("own domid");
    client_watch("data/ping", "a token", &reply);
    say("watch");
    client_write("data/hello", "world", &reply);
    say("write");
    for (;;) {
        client_wait_event();
        client_read("data/ping", &reply);
        if (reply.type == XS_ERROR)
            continue;
        strcpy(seen, reply.payload);
        client_write("data/pong", seen, &reply);
        say("answered");
    }
}

static void bad_ring(void) {
    client_read("domid", &reply);
    say("own domid");
    client_break_ring();
    console_line("guest: the ring's indexes are nonsense now");
    stay();
}

static void write_to(uintptr_t number) {
    volatile char *address;
    /* The asm hides the address, which GCC knows to be no object. */
    __asm__("" : "=r"(address) : "0"(number));
    *address = 1;
    console_line("guest: a write to %#lx went through", (unsigned long)number);
}

static void trap(void) {
    write_to(16);
}

static void write_text(void) {
    extern char __text_start[];
    write_to((uintptr_t)__text_start + 64);
}

static int deeper(volatile int depth) {
    volatile char frame[512];
    frame[0] = depth;
    return depth < 0 ? frame[0] : deeper(depth + 1) + frame[0];
}

static void end_stack(void) {
    console_line("guest: came back from %d", deeper(0));
}

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {{"act=rw", read_write},     {"act=badring", bad_ring},    {"act=trap", trap},
            {"act=text", write_text},   {"act=stack", end_stack},     {"act=relay", relay},
            {"act=watcher", watcher},   {"act=maker", maker},         {"act=hoarder", hoarder},
            {"act=channels", channels}, {"act=oversized", oversized}, {"act=partial", partial},
            {"act=deaf", deaf},         {"act=flood", flood},         {"act=storm", storm},
            {"act=revoke", revoke},     {"act=unbind", unbind},       {"act=vanish", vanish},
            {"act=obey", obey},         {"act=memory", memory}};

static char **words;
static int word_count;

const char *told(const char *name) {
    size_t length = strlen(name);
    for (int i = 1; i < word_count; i++)
        if (strncmp(words[i], name, length) == 0 && (words[i][length] == '=' || !words[i][length]))
            return words[i] + length + (words[i][length] == '=');
    return NULL;
}

static void farewell(void) {
    console_line("guest: last words");
}

int main(int argc, char **argv) {
    panic_last_words = farewell;
    client_init();
    words = argv;
    word_count = argc;
    for (int i = 1; i < argc; i++)
        for (unsigned a = 0; a < sizeof(acts) / sizeof(acts[0]); a++)
            if (strcmp(argv[i], acts[a].name) == 0)
                acts[a].act();
    console_line("guest: nothing to do");
    stay();
    return 0;
}
