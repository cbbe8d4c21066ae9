/*
 * Messages of the 9P2000.u protocol, as far as files are made and written with them ("Plan 9 File
 * Protocol", intro(5); the .u extension of ericvh). Numbers are little-endian, a string is its
 * length in two bytes and the bytes. A request is put together in a buffer, a reply is read piece
 * by piece; whoever reads past its end learns so in the end.
 */
#ifndef STUBDOM_NINEP_MESSAGE_H
#define STUBDOM_NINEP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request's number; its reply's is one more, or NINEP_ERROR. */
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

/** A request on its way into a buffer; of what does not fit only the length is kept. */
struct ninep_request {
    uint8_t bytes[512];
    uint32_t length;
    uint32_t data; /* bytes that follow it and are not in the buffer */
};

void ninep_begin(struct ninep_request *request, enum ninep_type type, uint16_t tag);
/** A number of so many bytes. */
void ninep_put(struct ninep_request *request, uint64_t value, unsigned bytes);
void ninep_put_text(struct ninep_request *request, const char *text, size_t length);
/** Writes the size into the header. False: it did not fit. */
bool ninep_end(struct ninep_request *request);

/** A reply, whole, and how far it was read. */
struct ninep_reply {
    const uint8_t *bytes;
    uint32_t length, at;
    bool ended; /* more was wanted than there is */
};

struct ninep_header {
    uint32_t size;
    uint8_t type;
    uint16_t tag;
};

struct ninep_header ninep_header(const uint8_t *bytes);
uint64_t ninep_get(struct ninep_reply *reply, unsigned bytes);
void ninep_skip(struct ninep_reply *reply, uint32_t bytes);
/** Whether the next string is this one; it is passed over. */
bool ninep_is_text(struct ninep_reply *reply, const char *text);
/** The error number of a reply of type NINEP_ERROR, which are Linux's; never 0. */
unsigned ninep_error(struct ninep_reply *reply);

#endif
