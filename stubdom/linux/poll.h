/* The wait for all there is to wait for: one epoll, and who is told of what. */
#ifndef STUBDOM_LINUX_POLL_H
#define STUBDOM_LINUX_POLL_H

#include <stdbool.h>
#include <stdint.h>

/** Whose file descriptor it is. The number that goes with it is the kind's own. */
enum poll_kind {
    POLL_SIGNALS,
    POLL_LISTENER,
    POLL_STREAM,
    POLL_DOMAIN,
    POLL_EVTCHN,
    POLL_TIMER,
    POLL_KINDS
};

/** False: it cannot be made. SIGTERM, SIGINT, SIGHUP and SIGUSR1 are taken from here on. */
bool poll_start(void);
void poll_handler(enum poll_kind, void (*ready)(uint32_t number, uint32_t events));
/** epoll_ctl with this operation and these events. 0, or -1 with errno. */
int poll_set(int operation, int fd, uint32_t events, enum poll_kind, uint32_t number);
void poll_wait(long milliseconds);
/** SIGHUP came since this was asked. */
bool poll_hung_up(void);
/** SIGUSR1, likewise. */
bool poll_asked(void);
/** SIGTERM or SIGINT came. */
bool poll_stopped(void);

#endif
