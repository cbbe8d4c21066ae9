#include "pipe_link.h"
#include <string.h>

static int take(struct endpoint *endpoint, void *to, size_t room) {
    struct pipe_end *end = endpoint->page;
    if (end->next_result) {
        int result = end->next_result;
        end->next_result = 0;
        return result;
    }
    size_t length = end->to_length - end->to_at;
    if (length > room)
        length = room;
    if (length > end->take_most)
        length = end->take_most;
    memcpy(to, end->to_server + end->to_at, length);
    end->to_at += length;
    if (end->to_at == end->to_length)
        end->to_at = end->to_length = 0;
    return length;
}

static int put(struct endpoint *endpoint, const void *from, size_t length) {
    struct pipe_end *end = endpoint->page;
    if (length > end->room - end->from_length)
        length = end->room - end->from_length;
    memcpy(end->from_server + end->from_length, from, length);
    end->from_length += length;
    return length;
}

static void notify(struct endpoint *endpoint) {
    ((struct pipe_end *)endpoint->page)->notified++;
}

static void reset(struct endpoint *endpoint) {
    ((struct pipe_end *)endpoint->page)->resets++;
}

static void announce(struct endpoint *endpoint) {
    (void)endpoint;
}

static void set_features(struct endpoint *endpoint, uint32_t mask) {
    (void)endpoint, (void)mask;
}

static void shut(struct endpoint *endpoint, enum link_error error) {
    ((struct pipe_end *)endpoint->page)->error = error;
}

static void close_end(struct endpoint *endpoint) {
    ((struct pipe_end *)endpoint->page)->closed++;
}

const struct transport pipe_transport = {
    .take = take,
    .put = put,
    .notify = notify,
    .reset = reset,
    .announce = announce,
    .set_features = set_features,
    .shut = shut,
    .close = close_end,
};

int pipe_open(struct pipe_end *end) {
    memset(end, 0, sizeof(*end));
    end->take_most = end->room = PIPE_SIZE;
    struct endpoint endpoint = {.domid = -1, .page = end};
    return link_add(&pipe_transport, &endpoint);
}

void pipe_send(struct pipe_end *end, uint32_t type, uint32_t request_id, const void *payload,
               uint32_t length) {
    struct header header = {.type = type, .request_id = request_id, .length = length};
    memcpy(end->to_server + end->to_length, &header, sizeof(header));
    if (payload)
        memcpy(end->to_server + end->to_length + sizeof(header), payload, length);
    end->to_length += sizeof(header) + (payload ? length : 0);
}

bool pipe_receive(struct pipe_end *end, struct header *header, char *payload) {
    if (end->from_length < sizeof(*header))
        return false;
    memcpy(header, end->from_server, sizeof(*header));
    size_t size = sizeof(*header) + header->length;
    if (end->from_length < size)
        return false;
    memcpy(payload, end->from_server + sizeof(*header), header->length);
    payload[header->length] = '\0';
    memmove(end->from_server, end->from_server + size, end->from_length - size);
    end->from_length -= size;
    return true;
}
