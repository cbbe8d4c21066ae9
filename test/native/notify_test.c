/* Readiness is one datagram, to a socket with a path or with a name outside of the file system. */
#include "../../stubdom/linux/notify.h"
#include "check.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A manager that listens at this name, as NOTIFY_SOCKET has it. */
static int listen_at(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (bind(fd, (struct sockaddr *)&address,
             offsetof(struct sockaddr_un, sun_path) + strlen(name)) != 0)
        return -1;
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static bool heard(int fd) {
    char text[128] = "", expected[128];
    snprintf(expected, sizeof(expected), "READY=1\nMAINPID=%d\n", (int)getpid());
    return recv(fd, text, sizeof(text) - 1, 0) > 0 && strcmp(text, expected) == 0;
}

static void a_path(void) {
    char directory[] = "/tmp/notify-XXXXXX", name[64];
    CHECK(mkdtemp(directory) != NULL);
    snprintf(name, sizeof(name), "%s/socket", directory);
    int fd = listen_at(name);
    CHECK(fd >= 0);
    notify_ready();
    CHECK(heard(fd));
    close(fd);
    unlink(name);
    rmdir(directory);
}

static void a_name(void) {
    char name[64];
    snprintf(name, sizeof(name), "@notify-test-%d", (int)getpid());
    int fd = listen_at(name);
    CHECK(fd >= 0);
    notify_ready();
    CHECK(heard(fd));
    CHECK(!heard(fd));
    close(fd);
}

static void nobody(void) {
    unsetenv("NOTIFY_SOCKET");
    notify_ready();
    setenv("NOTIFY_SOCKET", "neither a path nor a name", 1);
    notify_ready();
}

int main(void) {
    RUN(a_path);
    RUN(a_name);
    RUN(nobody);
    return VERDICT;
}
