#include "engine_driver.h"
#include "../../stubdom/engine/boot.h"
#include "../../stubdom/engine/memory.h"
#include "../../stubdom/engine/turn.h"
#include "../../stubdom/linux/heap_snapshot.h"
#include "fake_platform.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pipe_end far_end;
int the_link;
struct header reply;
char answer[PAYLOAD_MAX + 1];
uint32_t transaction;

void start(size_t memory_limit) {
    static char *none[] = {NULL};
    struct platform_config config = {
        .priv_port = -1, .own_port = -1, .args = none, .memory_limit = memory_limit};
    config.snapshot = heap_snapshot_program();
    fake_log[0] = '\0';
    transaction = 0;
    const char *wrong =
        engine_start(embedded_program, embedded_program_end - embedded_program, &config);
    if (wrong) {
        printf("# %s\n%s", wrong, fake_log);
        exit(1);
    }
    the_link = pipe_open(&far_end);
    link_connected(the_link);
}

void start_with_parser(size_t limit) {
    start(limit);
    JS_AddIntrinsicEval(engine.context);
}

void stop(void) {
    engine_memory_fail_at(0);
    link_close(the_link);
    engine_stop();
}

bool always_a_turn;

void turns(void) {
    for (int i = 0; i < 50; i++) {
        int events = link_events(engine.events, ENGINE_EVENTS);
        if (always_a_turn)
            engine.header[HEADER_DEFERRED_WORK] = 1;
        long delay = engine_turn(events);
        link_flush();
        if (delay != 0 && !link_has_events())
            return;
    }
}

void send_bytes(uint32_t type, const char *payload, uint32_t length) {
    struct header header = {
        .type = type, .request_id = 42, .transaction_id = transaction, .length = length};
    memcpy(far_end.to_server + far_end.to_length, &header, sizeof(header));
    memcpy(far_end.to_server + far_end.to_length + sizeof(header), payload, length);
    far_end.to_length += sizeof(header) + length;
    link_wake(the_link);
    turns();
}

bool request_bytes(uint32_t type, const char *payload, uint32_t length) {
    send_bytes(type, payload, length);
    while (pipe_receive(&far_end, &reply, answer))
        if (reply.type != XS_WATCH_EVENT)
            return true;
    return false;
}

bool request(uint32_t type, const char *path) {
    return request_bytes(type, path, strlen(path) + 1);
}

bool write_node(const char *path, const char *value) {
    char payload[PAYLOAD_MAX];
    size_t length = strlen(path) + 1;
    memcpy(payload, path, length);
    memcpy(payload + length, value, strlen(value));
    return request_bytes(XS_WRITE, payload, length + strlen(value));
}

bool is_ok(void) {
    return reply.type != XS_ERROR;
}

bool is_out_of_memory(void) {
    return reply.type == XS_ERROR && strcmp(answer, "ENOMEM") == 0;
}

bool reads(const char *path, const char *value) {
    return request(XS_READ, path) && is_ok() && strcmp(answer, value) == 0;
}

bool missing(const char *path) {
    return request(XS_READ, path) && reply.type == XS_ERROR && strcmp(answer, "ENOENT") == 0;
}
