#include "listen.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int error = 0;
    /* Remove the socket of a daemon that was killed. */
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        error = EADDRINUSE;
    else if (errno == ECONNREFUSED)
        unlink(path);
    if (!error) {
        mode_t old = umask(0177);
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
            error = errno;
        umask(old);
    }
    if (!error && listen(fd, BACKLOG) != 0)
        error = errno;
    if (!error)
        return fd;
    close(fd);
    errno = error;
    return -1;
}
