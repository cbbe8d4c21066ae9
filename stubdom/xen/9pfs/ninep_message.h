/*
 * The messages of 9P2000.u that create and write files (Plan 9's intro(5), and the .u extension).
 * Numbers are little-endian; a string is its length in two bytes and its bytes. A request is built
 * in a buffer, a reply is read field by field. A read past the end of a reply returns 0 and sets
 * `ended`.
 */
#ifndef STUBDOM_NINEP_MESSAGE_H
#define STUBDOM_NINEP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The type of a request. Its reply has the next number, or NINEP_ERROR. */
enum ninep_type {
    NINEP_VERSION = 100,
    NINEP_ATTACH = 104,
    NINEP_ERROR = 107,
    NINEP_WALK = 110,
    NINEP_OPEN = 112,
    NINEP_CREATE = 114,
    NINEP_WRITE = 118,
    NINEP_CLUNK = 120,
    NINEP_STAT = 124,
};

#define NINEP_DIALECT "9P2000.u"
#define NINEP_HEADER 7 /* size in four bytes, type in one, tag in two */
#define NINEP_QID 13
#define NINEP_NO_TAG 0xffff
#define NINEP_NO_FID 0xffffffffU
#define NINEP_OPEN_WRITE 1
#define NINEP_OPEN_TRUNCATE 0x10

/** A request. */
struct ninep_request {
    uint8_t bytes[512];
    uint32_t length; /* with bytes that did not fit */
    uint32_t data;   /* bytes of a write that follow the buffer */
};

/** Starts a request with its header. */
void ninep_begin(struct ninep_request *request, enum ninep_type type, uint16_t tag);
/** Appends a number of `bytes` bytes. */
void ninep_put(struct ninep_request *request, uint64_t value, unsigned bytes);
/** Appends a string. */
void ninep_put_text(struct ninep_request *request, const char *text, size_t length);
/** Sets the size in the header. False: the request did not fit. */
bool ninep_end(struct ninep_request *request);

/** A whole reply. */
struct ninep_reply {
    const uint8_t *bytes;
    uint32_t length, at; /* bytes; offset of the next field */
    bool ended;          /* a field was read past the end */
};

struct ninep_header {
    uint32_t size;
    uint8_t type;
    uint16_t tag;
};

/** Reads the NINEP_HEADER bytes of a message. */
struct ninep_header ninep_header(const uint8_t *bytes);
/** Reads a number of `bytes` bytes. */
uint64_t ninep_get(struct ninep_reply *reply, unsigned bytes);
/** Skips bytes. */
void ninep_skip(struct ninep_reply *reply, uint32_t bytes);
/** Reads a string. Returns whether it equals `text`. */
bool ninep_is_text(struct ninep_reply *reply, const char *text);
/** The errno (of Linux) of a reply of type NINEP_ERROR; never 0. */
unsigned ninep_error(struct ninep_reply *reply);

#endif
