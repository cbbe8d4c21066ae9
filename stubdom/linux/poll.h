/* The event loop: one epoll instance, with a handler for each kind of file descriptor. */
#ifndef STUBDOM_LINUX_POLL_H
#define STUBDOM_LINUX_POLL_H

#include <stdbool.h>
#include <stdint.h>

/** Kinds of file descriptors. Each handler gets a number whose meaning depends on the kind. */
enum poll_kind {
    POLL_SIGNALS,
    POLL_LISTENER,
    POLL_STREAM,
    POLL_DOMAIN,
    POLL_EVTCHN,
    POLL_TIMER,
    POLL_KINDS
};

/** Makes the epoll instance, and takes SIGTERM, SIGINT, SIGHUP and SIGUSR1 by signalfd(). */
bool poll_start(void);
/** Sets the handler of a kind. `events`: epoll's. */
void poll_handler(enum poll_kind, void (*ready)(uint32_t number, uint32_t events));
/** epoll_ctl(). 0, or -1 with errno. */
int poll_set(int operation, int fd, uint32_t events, enum poll_kind, uint32_t number);
/** Waits for events, at most `milliseconds` (-1: no limit), and calls their handlers. */
void poll_wait(long milliseconds);
/** Whether SIGHUP arrived since the last call. */
bool poll_hung_up(void);
/** Whether SIGUSR1 arrived since the last call. */
bool poll_asked(void);
/** Whether SIGTERM or SIGINT arrived. */
bool poll_stopped(void);

#endif
