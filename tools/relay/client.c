#include "client.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

struct message {
    struct xsd_sockmsg header;
    char payload[XENSTORE_PAYLOAD_MAX];
};

struct client {
    int socket, store;
    const char *store_path;
    struct message request;
    size_t have;  /* bytes of `request` that have come */
    bool waiting; /* the store has `request`, and has not answered it */
};

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int client_open_store(const char *path) {
    struct stat status;
    if (stat(path, &status) == 0 && S_ISSOCK(status.st_mode))
        return connect_to(path);
    return open(path, O_RDWR | O_CLOEXEC);
}

/* False: the other side has closed, or failed. */
static bool read_all(int fd, void *to, size_t length) {
    for (size_t at = 0; at < length;) {
        ssize_t size = read(fd, (char *)to + at, length - at);
        if (size == 0 || (size < 0 && errno != EINTR))
            return false;
        at += size > 0 ? (size_t)size : 0;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t length) {
    for (size_t at = 0; at < length;) {
        ssize_t size = write(fd, (const char *)from + at, length - at);
        if (size < 0 && errno != EINTR)
            return false;
        at += size > 0 ? (size_t)size : 0;
    }
    return true;
}

static size_t size_of(const struct message *m) {
    return sizeof(m->header) + m->header.len;
}

/* A message for the client; the payload ends with a NUL. */
static bool answer(struct client *c, uint32_t type, const char *text) {
    struct message reply = {.header = {.type = type,
                                       .req_id = c->request.header.req_id,
                                       .tx_id = c->request.header.tx_id,
                                       .len = (uint32_t)strlen(text) + 1}};
    memcpy(reply.payload, text, reply.header.len);
    return write_all(c->socket, &reply, size_of(&reply));
}

static bool answer_error(struct client *c, int error) {
    for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (xsd_errors[i].errnum == error)
            return answer(c, XS_ERROR, xsd_errors[i].errstring);
    return answer(c, XS_ERROR, "EIO");
}

/* The kernel would pass it on, and the kernel's own watches would be gone, too. A new file has
 * neither watches nor transactions. */
static bool reset(struct client *c) {
    if (c->request.header.tx_id)
        return answer_error(c, ENOENT);
    int fresh = client_open_store(c->store_path);
    if (fresh < 0)
        return answer_error(c, errno);
    close(c->store);
    c->store = fresh;
    return answer(c, XS_RESET_WATCHES, "OK");
}

static bool pass_request(struct client *c) {
    if (c->request.header.type == XS_RESET_WATCHES)
        return reset(c);
    /* In one piece: the kernel refuses a message with the write that completes it. */
    ssize_t size = write(c->store, &c->request, size_of(&c->request));
    if (size < 0 && errno != EINTR)
        return answer_error(c, errno);
    size_t sent = size < 0 ? 0 : (size_t)size;
    c->waiting = true;
    return write_all(c->store, (char *)&c->request + sent, size_of(&c->request) - sent);
}

/* Takes what there is of the next request; passes it on once it is complete. */
static bool take(struct client *c) {
    struct message *m = &c->request;
    for (;;) {
        bool headed = c->have >= sizeof(m->header);
        if (headed && m->header.len > XENSTORE_PAYLOAD_MAX)
            return false;
        size_t wanted = headed ? size_of(m) : sizeof(m->header);
        if (headed && c->have == wanted) {
            c->have = 0;
            return pass_request(c);
        }
        ssize_t size = recv(c->socket, (char *)m + c->have, wanted - c->have, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (size <= 0)
            return false;
        c->have += (size_t)size;
    }
}

/* Passes a reply or an event on. The kernel answers some requests itself and leaves their numbers
 * out; those of an event mean nothing. */
static bool pass_back(struct client *c) {
    struct message m;
    if (!read_all(c->store, &m.header, sizeof(m.header)) || m.header.len > XENSTORE_PAYLOAD_MAX ||
        !read_all(c->store, m.payload, m.header.len))
        return false;
    bool event = m.header.type == XS_WATCH_EVENT;
    if (!event && !c->waiting)
        return false;
    m.header.req_id = event ? 0 : c->request.header.req_id;
    m.header.tx_id = event ? 0 : c->request.header.tx_id;
    c->waiting &= event;
    return write_all(c->socket, &m, size_of(&m));
}

void client_serve(int socket, int store, const char *path) {
    struct client c = {.socket = socket, .store = store, .store_path = path};
    bool good = true;
    while (good) {
        /* One request at a time, as libxenstore asks: so a reply is the reply to `request`. */
        struct pollfd waits[] = {{.fd = c.store, .events = POLLIN},
                                 {.fd = c.waiting ? -1 : c.socket, .events = POLLIN}};
        if (poll(waits, 2, -1) < 0 && errno != EINTR)
            break;
        if (waits[0].revents)
            good = pass_back(&c);
        if (good && waits[1].revents)
            good = take(&c);
    }
    close(c.socket);
    close(c.store);
}

bool client_store_answers(int store, int milliseconds) {
    struct message m = {.header = {.type = XS_READ, .len = 2}, .payload = "/"};
    struct pollfd wait = {.fd = store, .events = POLLIN};
    return write_all(store, &m, size_of(&m)) && poll(&wait, 1, milliseconds) > 0 &&
           read_all(store, &m.header, sizeof(m.header)) &&
           m.header.len <= XENSTORE_PAYLOAD_MAX && read_all(store, m.payload, m.header.len) &&
           m.header.type == XS_READ;
}
