#include "ninep_message.h"
#include <string.h>

#define NO_NUMBER 5 /* EIO, if the server gives no number */

static void add(struct ninep_request *request, const void *bytes, size_t length) {
    if (request->length <= sizeof(request->bytes) &&
        length <= sizeof(request->bytes) - request->length)
        memcpy(request->bytes + request->length, bytes, length);
    request->length += length;
}

void ninep_begin(struct ninep_request *request, enum ninep_type type, uint16_t tag) {
    request->length = request->data = 0;
    ninep_put(request, 0, 4);
    ninep_put(request, type, 1);
    ninep_put(request, tag, 2);
}

void ninep_put(struct ninep_request *request, uint64_t value, unsigned bytes) {
    add(request, &value, bytes);
}

void ninep_put_text(struct ninep_request *request, const char *text, size_t length) {
    ninep_put(request, length, 2);
    add(request, text, length);
}

bool ninep_end(struct ninep_request *request) {
    uint32_t size = request->length + request->data;
    if (request->length > sizeof(request->bytes))
        return false;
    memcpy(request->bytes, &size, sizeof(size));
    return true;
}

struct ninep_header ninep_header(const uint8_t *bytes) {
    struct ninep_header header = {.type = bytes[4]};
    memcpy(&header.size, bytes, sizeof(header.size));
    memcpy(&header.tag, bytes + 5, sizeof(header.tag));
    return header;
}

/* The next bytes. NULL: the reply is shorter. */
static const uint8_t *next(struct ninep_reply *reply, uint32_t bytes) {
    if (reply->ended || bytes > reply->length - reply->at) {
        reply->ended = true;
        return NULL;
    }
    reply->at += bytes;
    return reply->bytes + reply->at - bytes;
}

uint64_t ninep_get(struct ninep_reply *reply, unsigned bytes) {
    uint64_t value = 0;
    const uint8_t *at = next(reply, bytes);
    if (at)
        memcpy(&value, at, bytes);
    return value;
}

void ninep_skip(struct ninep_reply *reply, uint32_t bytes) {
    next(reply, bytes);
}

bool ninep_is_text(struct ninep_reply *reply, const char *text) {
    uint32_t length = ninep_get(reply, 2);
    const uint8_t *at = next(reply, length);
    return at && length == strlen(text) && memcmp(at, text, length) == 0;
}

unsigned ninep_error(struct ninep_reply *reply) {
    ninep_skip(reply, ninep_get(reply, 2));
    unsigned number = ninep_get(reply, 4);
    return number ? number : NO_NUMBER;
}
