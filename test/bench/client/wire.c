#include "wire.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define IN_SIZE 16384
#define FEED_DEPTH 32

void fail(const char *what) {
    fprintf(stderr, "bench-client: %s: %s\n", what, strerror(errno));
    exit(1);
}

void wire_open(struct connection *c, const char *path) {
    struct stat st;
    *c = (struct connection){.fd = -1};
    if (stat(path, &st) == 0 && S_ISCHR(st.st_mode)) {
        c->device = true;
        c->fd = open(path, O_RDWR | O_CLOEXEC);
    } else {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(c->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
            close(c->fd);
            c->fd = -1;
        }
    }
    if (c->fd < 0)
        fail(path);
}

void wire_close(struct connection *c) {
    close(c->fd);
    free(c->in);
    free(c->out);
    c->in = c->out = NULL;
}

void wire_put(struct connection *c, uint32_t type, uint32_t transaction, const void *payload,
              size_t length) {
    struct header header = {type, 1, transaction, (uint32_t)length};
    size_t size = sizeof(header) + length;
    if (c->out_length + size > c->out_room) {
        c->out_room = 2 * (c->out_length + size);
        c->out = realloc(c->out, c->out_room);
    }
    memcpy(c->out + c->out_length, &header, sizeof(header));
    memcpy(c->out + c->out_length + sizeof(header), payload, length);
    c->out_length += size;
    if (c->device)
        wire_flush(c);
}

void wire_flush(struct connection *c) {
    for (size_t sent = 0; sent < c->out_length;) {
        ssize_t n = write(c->fd, c->out + sent, c->out_length - sent);
        if (n < 0)
            fail("write");
        sent += (size_t)n;
    }
    c->out_length = 0;
}

/* Gives the byte back that the NUL behind the last payload covers. */
static void uncover(struct connection *c) {
    if (c->kept_from)
        *c->kept_from = c->kept;
    c->kept_from = NULL;
}

bool wire_next(struct connection *c, struct message *m) {
    uncover(c);
    size_t have = c->in_end - c->in_start;
    if (have < sizeof(m->header))
        return false;
    memcpy(&m->header, c->in + c->in_start, sizeof(m->header));
    if (m->header.length > PAYLOAD_MAX) {
        errno = EPROTO;
        fail("reply");
    }
    if (have < sizeof(m->header) + m->header.length)
        return false;
    m->payload = c->in + c->in_start + sizeof(m->header);
    c->in_start += sizeof(m->header) + m->header.length;
    c->kept_from = c->in + c->in_start;
    c->kept = *c->kept_from;
    *c->kept_from = 0;
    return true;
}

void wire_fill(struct connection *c) {
    if (!c->in)
        c->in = malloc(IN_SIZE + 1);
    uncover(c);
    if (c->in_start > 0) {
        memmove(c->in, c->in + c->in_start, c->in_end - c->in_start);
        c->in_end -= c->in_start;
        c->in_start = 0;
    }
    ssize_t n = read(c->fd, c->in + c->in_end, IN_SIZE - c->in_end);
    if (n == 0)
        errno = ECONNRESET;
    if (n <= 0)
        fail("read");
    c->in_end += (size_t)n;
}

static struct message answer(struct connection *c) {
    struct message m;
    for (;;) {
        while (wire_next(c, &m))
            if (m.header.type != OP_EVENT)
                return m;
        wire_fill(c);
    }
}

struct message wire_ask(struct connection *c, uint32_t type, uint32_t transaction,
                        const void *payload, size_t length) {
    wire_put(c, type, transaction, payload, length);
    wire_flush(c);
    return answer(c);
}

static void must(const struct message *m, const void *asked) {
    if (m->header.type != OP_ERROR)
        return;
    fprintf(stderr, "bench-client: answered %s to %s\n", m->payload, (const char *)asked);
    exit(1);
}

struct message wire_must(struct connection *c, uint32_t type, uint32_t transaction,
                         const void *payload, size_t length) {
    struct message m = wire_ask(c, type, transaction, payload, length);
    must(&m, payload);
    return m;
}

void feed(struct feed *f, uint32_t type, const void *payload, size_t length) {
    wire_put(f->connection, type, 0, payload, length);
    if (++f->waiting == FEED_DEPTH)
        feed_end(f);
}

void feed_end(struct feed *f) {
    wire_flush(f->connection);
    for (; f->waiting > 0; f->waiting--) {
        struct message m = answer(f->connection);
        must(&m, "a request of the arrangement");
    }
}
