/* The whole program in its engine, driven over one link whose far end the test has. */
#ifndef TEST_ENGINE_DRIVER_H
#define TEST_ENGINE_DRIVER_H

#include "../../stubdom/engine/engine.h"
#include "pipe_link.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

extern const uint8_t embedded_program[], embedded_program_end[];

extern struct pipe_end far_end;
extern int the_link;

/* The reply to the last request, with its payload, which is ended by a NUL. */
extern struct header reply;
extern char answer[PAYLOAD_MAX + 1];

/* The transaction of the requests that are sent; 0: none. */
extern uint32_t transaction;

/* The program has a turn, also where there are messages alone. */
extern bool always_a_turn;

/** Starts the program, with a link to it. 0: memory has no limit. */
void start(size_t memory_limit);
/** The product has no parser; this adds one. */
void start_with_parser(size_t limit);
void stop(void);

void turns(void);

void send_bytes(uint32_t type, const char *payload, uint32_t length);
/** One request and its reply; watch events before it are dropped. False: no reply came. */
bool request_bytes(uint32_t type, const char *payload, uint32_t length);
bool request(uint32_t type, const char *path);
bool write_node(const char *path, const char *value);

/** What the last reply is. */
bool is_ok(void);
bool is_out_of_memory(void);

bool reads(const char *path, const char *value);
bool missing(const char *path);

#endif
