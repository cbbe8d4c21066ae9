#include "stream.h"
#include "poll.h"
#include <errno.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT (EPOLLIN | EPOLLRDHUP | EPOLLET)

bool stream_watch(struct endpoint *endpoint) {
    return poll_set(EPOLL_CTL_ADD, endpoint->fd, INPUT, POLL_STREAM, endpoint->link) == 0;
}

int stream_take(struct endpoint *endpoint, void *to, size_t room) {
    if (endpoint->drained)
        return 0;
    ssize_t length = read(endpoint->fd, to, room);
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
        return -LINK_COMM;
    if (length < 0)
        length = 0;
    /* Fewer bytes than asked for: the socket is empty, and epoll reports new input. */
    if ((size_t)length < room && !endpoint->hung_up)
        endpoint->drained = true;
    return length;
}

int stream_put(struct endpoint *endpoint, const void *from, size_t length) {
    ssize_t sent = send(endpoint->fd, from, length, MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    if (errno != EAGAIN && errno != EINTR)
        return -LINK_COMM;
    /* EPOLLOUT is set only now, because it wakes the daemon each time the client reads. */
    if (!endpoint->wants_room) {
        endpoint->wants_room = true;
        poll_set(EPOLL_CTL_MOD, endpoint->fd, INPUT | EPOLLOUT, POLL_STREAM, endpoint->link);
    }
    return 0;
}

static void stream_event(uint32_t link, uint32_t events) {
    struct endpoint *endpoint = link_endpoint(link);
    if (!endpoint)
        return;
    if (events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR))
        endpoint->hung_up = true;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR))
        endpoint->drained = false;
    if (events & EPOLLOUT && endpoint->wants_room) {
        endpoint->wants_room = false;
        poll_set(EPOLL_CTL_MOD, endpoint->fd, INPUT, POLL_STREAM, link);
    }
    link_wake(link);
}

size_t stream_unread(const struct endpoint *endpoint) {
    int bytes = 0;
    return ioctl(endpoint->fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

void stream_nothing(struct endpoint *endpoint) {
    (void)endpoint;
}

void stream_no_features(struct endpoint *endpoint, uint32_t mask) {
    (void)endpoint, (void)mask;
}

void stream_start(void) {
    poll_handler(POLL_STREAM, stream_event);
}
