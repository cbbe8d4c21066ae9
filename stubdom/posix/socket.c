#include "socket.h"
#include "../link.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128
#define MOST_EVENTS 64
/* What epoll's data holds for what is no link. */
#define LISTENER UINT32_MAX
#define SIGNALS (UINT32_MAX - 1)

static int epoll_fd = -1, listen_fd = -1, signal_fd = -1;
static bool stopped;

static int watch(int fd, uint32_t events, uint32_t id, int operation) {
    struct epoll_event event = {.events = events, .data.u32 = id};
    return epoll_ctl(epoll_fd, operation, fd, &event);
}

static int take(struct endpoint *endpoint, void *to, size_t room) {
    if (!endpoint->readable)
        return 0;
    ssize_t length = read(endpoint->fd, to, room);
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
        return -LINK_COMM;
    if (length < 0)
        length = 0;
    /* Fewer bytes than asked for: the socket is empty, and epoll tells when it no longer is. */
    if ((size_t)length < room && !endpoint->hung_up)
        endpoint->readable = false;
    return length;
}

static int put(struct endpoint *endpoint, const void *from, size_t length) {
    ssize_t sent = send(endpoint->fd, from, length, MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    if (errno != EAGAIN && errno != EINTR)
        return -LINK_COMM;
    /* Room is waited for only now: an edge for every byte that the client reads costs a wake-up. */
    if (!endpoint->wants_room) {
        endpoint->wants_room = true;
        watch(endpoint->fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET, endpoint->link,
              EPOLL_CTL_MOD);
    }
    return 0;
}

static void nothing(struct endpoint *endpoint) {
    (void)endpoint;
}

static void no_features(struct endpoint *endpoint, uint32_t mask) {
    (void)endpoint, (void)mask;
}

static void shut(struct endpoint *endpoint, enum link_error error) {
    (void)error;
    shutdown(endpoint->fd, SHUT_RDWR);
}

static void close_endpoint(struct endpoint *endpoint) {
    close(endpoint->fd);
}

static const struct transport socket_transport = {
    .take = take,
    .put = put,
    .notify = nothing,
    .reset = nothing,
    .announce = nothing,
    .set_features = no_features,
    .shut = shut,
    .close = close_endpoint,
};

static void accept_all(void) {
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct endpoint endpoint = {.fd = fd, .readable = true};
        int link = link_add(&socket_transport, &endpoint);
        if (link < 0 || watch(fd, EPOLLIN | EPOLLRDHUP | EPOLLET, link, EPOLL_CTL_ADD) != 0) {
            if (link >= 0)
                link_close(link);
            else
                close(fd);
            continue;
        }
        link_endpoint(link)->link = link;
        link_connected(link);
    }
}

static void socket_event(uint32_t link, uint32_t events) {
    struct endpoint *endpoint = link_endpoint(link);
    if (!endpoint)
        return;
    if (events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR))
        endpoint->hung_up = true;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR))
        endpoint->readable = true;
    if (events & EPOLLOUT && endpoint->wants_room) {
        endpoint->wants_room = false;
        watch(endpoint->fd, EPOLLIN | EPOLLRDHUP | EPOLLET, link, EPOLL_CTL_MOD);
    }
    link_wake(link);
}

const char *socket_listen(const char *path) {
    static char reason[256];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    sigset_t signals;

    if (strlen(path) >= sizeof(address.sun_path))
        return "the path of the socket is too long";
    strcpy(address.sun_path, path);

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (epoll_fd < 0 || listen_fd < 0)
        goto failed;
    /* A socket that nobody serves is left from a daemon that was killed. */
    if (connect(listen_fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        snprintf(reason, sizeof(reason), "another xenstored serves %s", path);
        return reason;
    }
    if (errno == ECONNREFUSED)
        unlink(path);
    mode_t old = umask(0177);
    int error = bind(listen_fd, (struct sockaddr *)&address, sizeof(address));
    umask(old);
    if (error || listen(listen_fd, BACKLOG) != 0)
        goto failed;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signal_fd < 0 || watch(listen_fd, EPOLLIN, LISTENER, EPOLL_CTL_ADD) != 0 ||
        watch(signal_fd, EPOLLIN, SIGNALS, EPOLL_CTL_ADD) != 0)
        goto failed;
    return NULL;

failed:
    snprintf(reason, sizeof(reason), "listening on %s: %s", path, strerror(errno));
    return reason;
}

void socket_wait(long milliseconds) {
    struct epoll_event events[MOST_EVENTS];
    int count = epoll_wait(epoll_fd, events, MOST_EVENTS,
                           milliseconds > 1000000 ? 1000000 : (int)milliseconds);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == LISTENER)
            accept_all();
        else if (events[i].data.u32 == SIGNALS)
            stopped = true;
        else
            socket_event(events[i].data.u32, events[i].events);
    }
}

bool socket_stopped(void) {
    return stopped;
}

void socket_close(const char *path) {
    unlink(path);
    close(listen_fd);
}
