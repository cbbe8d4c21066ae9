#include "world.h"
#include "../../stubdom/engine/memory.h"
#include "history.h"
#include <stdio.h>
#include <string.h>
#include <xen/io/xs_wire.h>

/* After so many inputs the daemon is ended, which finds what it did not give back. */
#define INPUTS_MOST 2000
/* The store of each of a daemon's first inputs is checked, and of so many of the others. */
#define CHECK_EACH 4
#define CHECK_ONE_IN 8
/* What an emptied store may keep: tables that have grown, shapes, strings of names. */
#define GROWTH_MOST (512 * 1024)

struct client observer;
static bool running, spoilt, may_refuse;
static unsigned inputs;
static size_t memory_before;

bool world_ask(uint32_t type, const void *payload, uint32_t length) {
    unsigned asked = observer.asked;
    if (!client_send(&observer, type, 0, payload, length))
        fail("the observer is not connected");
    daemon_turns();
    client_receive(&observer);
    if (observer.asked != asked + 1 || client_waits(&observer))
        fail("the observer gets no answer");
    return observer.reply.type != XS_ERROR;
}

/* The observer asks several things in one turn, each of which is to succeed. */
static void put_text(uint32_t type, const char *text, uint32_t length) {
    if (!client_send(&observer, type, 0, text, length))
        fail("there is no room for what the observer asks");
}

static bool all_granted;

static void refused(const struct client *client) {
    all_granted = false;
    spoilt = true;
    if (!may_refuse)
        fail("the observer is refused request %u: %s", client->reply.request_id, client->answer);
}

static bool granted(void) {
    all_granted = true;
    observer.refused = refused;
    daemon_turns();
    client_receive(&observer);
    observer.refused = NULL;
    if (client_waits(&observer))
        fail("the observer gets no answer");
    return all_granted;
}

static void begin(void) {
    history_begin();
    fuzz_domains_reset();
    const char *wrong = daemon_start();
    if (wrong)
        fail("it does not start: %s", wrong);
    client_connect(&observer, "observer", -1);
    daemon_turns();
    running = true;
    spoilt = may_refuse = false;
    inputs = 0;
}

static void end(void) {
    daemon_check_garbage();
    if (engine_memory_used() > memory_before + GROWTH_MOST)
        fail("an empty store took %zu bytes and takes %zu", memory_before, engine_memory_used());
    client_hang_up(&observer);
    daemon_turns();
    if (observer.link >= 0)
        link_close(observer.link);
    daemon_stop();
    running = false;
}

void world_spoilt(void) {
    spoilt = true;
}

void world_may_refuse(void) {
    may_refuse = true;
}

void world_begin(const uint8_t *input, size_t size) {
    if (!running)
        begin();
    history_add(input, size);
}

static void empty_store(void) {
    char path[PAYLOAD_MAX + 2] = "/", names[PAYLOAD_MAX + 1];
    put_text(XS_DIRECTORY, "/", 2);
    if (!granted())
        return;
    uint32_t length = observer.reply.length;
    memcpy(names, observer.answer, length + 1);
    for (uint32_t at = 0; at < length; at += strlen(names + at) + 1) {
        strcpy(path + 1, names + at);
        put_text(XS_RM, path, strlen(path) + 1);
    }
    put_text(XS_MKDIR, "/tool/xenstored", 16);
    put_text(XS_WRITE, "/", 2);
    if (client_permissions) {
        put_text(XS_SET_PERMS, "/\0n0", 5);
        put_text(XS_SET_PERMS, "@introduceDomain\0n0", 20);
        put_text(XS_SET_PERMS, "@releaseDomain\0n0\0r32757", 25);
    }
    granted();
}

static void check_store(void) {
    put_text(XS_CONTROL, "check", 6);
    if (!granted() || strcmp(observer.answer, "OK") != 0)
        fail("check: %s", observer.answer);
}

void world_end(void) {
    /* A check takes as long as a short input: those that are played alone have one each. */
    if (inputs < CHECK_EACH || inputs % CHECK_ONE_IN == 0 || spoilt)
        check_store();
    daemon_check_log();
    if (client_changes)
        empty_store();
    client_changes = client_permissions = false;
    /* Whatever goes by a clock has been. */
    fuzz_time += 60000;
    daemon_turns();
    if (++inputs == 1)
        memory_before = engine_memory_used();
    if (inputs == INPUTS_MOST || spoilt)
        end();
}
