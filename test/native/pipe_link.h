/* A transport whose far end is the test itself: what it sends and gets are two byte queues. */
#ifndef TEST_PIPE_LINK_H
#define TEST_PIPE_LINK_H

#include "../../stubdom/transport/link.h"

#define PIPE_SIZE 65536

struct pipe_end {
    char to_server[PIPE_SIZE], from_server[PIPE_SIZE];
    size_t to_length, to_at, from_length;
    size_t take_most; /* bytes that one take moves at most */
    size_t room;      /* bytes of from_server that there is room for */
    int next_result;  /* returned by the next take, once, if it is not 0 */
    int notified, resets, closed;
    enum link_error error;
};

extern const struct transport pipe_transport;

/** A link whose far end is `end`, empty. */
int pipe_open(struct pipe_end *end);
void pipe_send(struct pipe_end *end, uint32_t type, uint32_t request_id, const void *payload,
               uint32_t length);
/** Takes one whole message of what the server sent; its payload ended by a NUL. False: none. */
bool pipe_receive(struct pipe_end *end, struct header *header, char *payload);

#endif
