#include "socket.h"
#include "stubdom/transport/link.h"
#include "stubdom/platform.h"
#include "poll.h"
#include "listen.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* When descriptors or memory have run out, the daemon accepts no connections for so long, or until
 * one is closed. They wait in the kernel's queue. */
#define PAUSE_MILLISECONDS 1000

static int listen_fd = -1;
static bool paused, told;
static double paused_since;

static void shut(struct endpoint *endpoint, enum link_error error) {
    (void)error;
    shutdown(endpoint->fd, SHUT_RDWR);
}

static void accept_again(void) {
    if (paused && poll_set(EPOLL_CTL_MOD, listen_fd, EPOLLIN, POLL_LISTENER, 0) == 0)
        paused = false;
}

static void close_endpoint(struct endpoint *endpoint) {
    close(endpoint->fd);
    accept_again();
}

/* Without the pause, epoll would report the listening socket all the time. */
static void pause_accepting(int error) {
    char line[128];
    if (!told) {
        int length = snprintf(line, sizeof(line), "new connections wait: %s", strerror(error));
        platform_log(line, length);
    }
    told = true;
    paused = poll_set(EPOLL_CTL_MOD, listen_fd, 0, POLL_LISTENER, 0) == 0;
    paused_since = platform_now();
}

long socket_wait(long milliseconds) {
    if (!paused)
        return milliseconds;
    if (platform_now() - paused_since >= PAUSE_MILLISECONDS)
        accept_again();
    return milliseconds < 0 || milliseconds > PAUSE_MILLISECONDS ? PAUSE_MILLISECONDS
                                                                 : milliseconds;
}

static const struct transport socket_transport = {
    .take = stream_take,
    .put = stream_put,
    .unread = stream_unread,
    .notify = stream_nothing,
    .reset = stream_nothing,
    .announce = stream_nothing,
    .set_features = stream_no_features,
    .shut = shut,
    .close = close_endpoint,
};

static void accept_all(uint32_t number, uint32_t events) {
    (void)number, (void)events;
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == ECONNABORTED)
            continue;
        if (fd < 0 && errno == EAGAIN)
            told = false; /* the queue is empty */
        else if (fd < 0)
            pause_accepting(errno);
        if (fd < 0)
            return;
        struct endpoint endpoint = {.domid = -1, .fd = fd};
        int link = link_add(&socket_transport, &endpoint);
        if (link < 0) {
            close(fd);
            continue;
        }
        link_endpoint(link)->link = link;
        if (stream_watch(link_endpoint(link)))
            link_connected(link);
        else
            link_close(link);
    }
}

int socket_fd(void) {
    return listen_fd;
}

/* C xenstored leaves descriptors that block. */
static bool never_blocks(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

const char *socket_adopt(int fd) {
    listen_fd = fd;
    poll_handler(POLL_LISTENER, accept_all);
    if (never_blocks(fd) && poll_set(EPOLL_CTL_ADD, listen_fd, EPOLLIN, POLL_LISTENER, 0) == 0)
        return NULL;
    return strerror(errno);
}

int socket_take(int fd) {
    struct endpoint endpoint = {.domid = -1, .fd = fd};
    if (!never_blocks(fd))
        return -1;
    int link = link_add(&socket_transport, &endpoint);
    if (link < 0)
        return -1;
    link_endpoint(link)->link = link;
    if (stream_watch(link_endpoint(link)))
        return link;
    link_close(link);
    return -1;
}

bool socket_link(int number, int fd) {
    struct endpoint endpoint = {.domid = -1, .fd = fd, .link = number, .wants_room = false};
    return link_number(number) && link_add(&socket_transport, &endpoint) == number &&
           stream_watch(link_endpoint(number));
}

const char *socket_listen(const char *path) {
    static char reason[256];

    listen_fd = listen_at(path);
    if (listen_fd >= 0 && !socket_adopt(listen_fd))
        return NULL;
    if (errno == EADDRINUSE)
        snprintf(reason, sizeof(reason), "another xenstored serves %s", path);
    else
        snprintf(reason, sizeof(reason), "listening on %s: %s", path, strerror(errno));
    return reason;
}

void socket_close(const char *path) {
    unlink(path);
    close(listen_fd);
}
