#include "log_out.h"
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define OPEN_FLAGS (O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
#define NOTICE "xenstored: %lu lines of this log were lost\n"

bool log_out_open(struct log_out *out, const char *path) {
    out->fd = open(path, OPEN_FLAGS | O_APPEND | O_CREAT, 0600);
    return out->fd >= 0;
}

void log_out_standard_error(struct log_out *out) {
    struct stat about;
    out->fd = STDERR_FILENO;
    if (fstat(STDERR_FILENO, &about) != 0 || S_ISREG(about.st_mode))
        return;
    out->socket = S_ISSOCK(about.st_mode);
    if (out->socket)
        return;
    /* Open it again: O_NONBLOCK on this descriptor would affect all processes that share it. */
    int own = open("/proc/self/fd/2", OPEN_FLAGS);
    if (own >= 0)
        out->fd = own;
}

void log_out_close(struct log_out *out) {
    if (out->fd >= 0)
        close(out->fd);
    out->fd = -1;
    out->torn = false;
}

static ssize_t send_parts(const struct log_out *out, struct iovec *parts, int count) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    if (out->socket)
        return sendmsg(out->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return writev(out->fd, parts, count);
}

void log_out_line(struct log_out *out, const char *line, size_t length) {
    char before[80];
    size_t told = 0;
    if (out->torn)
        before[told++] = '\n';
    if (out->lost)
        told += snprintf(before + told, sizeof(before) - told, NOTICE, out->lost);
    /* One call, so that lines of two processes do not mix. */
    struct iovec parts[] = {{before, told}, {(void *)line, length}, {"\n", 1}};
    ssize_t sent = send_parts(out, parts, 3);
    if (sent >= (ssize_t)told)
        out->lost = 0;
    if (sent == (ssize_t)(told + length + 1)) {
        out->torn = false;
        return;
    }
    if (sent > 0)
        out->torn = sent != (ssize_t)told;
    out->lost++;
}

void log_out_last_words(const struct log_out *out, const char *line, size_t length) {
    struct iovec parts[] = {{(void *)line, length}, {"\n", 1}};
    if (send_parts(out, parts, 2) < 0)
        return;
}

static bool connect_syslog(struct log_out *out) {
    static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        out->fd = socket(AF_UNIX, types[i] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (out->fd >= 0 && connect(out->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            return true;
        log_out_close(out);
    }
    return false;
}

/* The message has the form of the C library's syslog(). The NUL ends it on a stream socket. */
static bool send_syslog(struct log_out *out, int priority, const char *line, size_t length) {
    char head[64];
    time_t now = time(NULL);
    struct tm local;
    size_t size = snprintf(head, sizeof(head), "<%d>", priority);
    if (localtime_r(&now, &local))
        size += strftime(head + size, sizeof(head) - size, "%b %e %T ", &local);
    size += snprintf(head + size, sizeof(head) - size, "xenstored: ");
    struct iovec parts[] = {{head, size}, {(void *)line, length}, {"", 1}};
    for (int tries = 0; tries < 2; tries++) {
        if (out->fd < 0 && !connect_syslog(out))
            return false;
        if (send_parts(out, parts, 3) >= 0)
            return true;
        if (errno == EAGAIN || errno == ENOBUFS)
            return false;
        /* The syslog service may have restarted: connect again. */
        log_out_close(out);
    }
    return false;
}

void log_out_syslog(struct log_out *out, int facility, const char *line, size_t length) {
    char notice[80];
    int priority = facility | LOG_INFO;
    out->socket = true;
    if (out->lost) {
        int size = snprintf(notice, sizeof(notice), NOTICE, out->lost);
        if (send_syslog(out, priority, notice, size - 1))
            out->lost = 0;
    }
    if (out->lost || !send_syslog(out, priority, line, length))
        out->lost++;
}
