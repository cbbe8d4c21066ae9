/* The protocol of sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names. */
#include "notify.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_ready(void) {
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char text[64];

    if (!name)
        return;
    size_t length = strlen(name);
    if (length >= sizeof(address.sun_path) || (name[0] != '/' && name[0] != '@'))
        return;
    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract socket (unix(7)) */
    int said = snprintf(text, sizeof(text), "READY=1\nMAINPID=%d\n", (int)getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, text, said, MSG_NOSIGNAL, (struct sockaddr *)&address,
                         offsetof(struct sockaddr_un, sun_path) + length) != said)
        fprintf(stderr, "%s: telling %s: %s\n", program_invocation_short_name, name,
                strerror(errno));
    if (fd >= 0)
        close(fd);
}
