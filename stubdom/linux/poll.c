#include "poll.h"
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MOST_EVENTS 64
#define MOST_MILLISECONDS 1000000

static int epoll_fd = -1;
static int signal_fd = -1;
static bool stopped, hung_up, asked;

static void take_signals(uint32_t number, uint32_t events) {
    struct signalfd_siginfo about;
    (void)number, (void)events;
    while (read(signal_fd, &about, sizeof(about)) == sizeof(about)) {
        if (about.ssi_signo == SIGHUP)
            hung_up = true;
        else if (about.ssi_signo == SIGUSR1)
            asked = true;
        else
            stopped = true;
    }
}

static void (*handlers[POLL_KINDS])(uint32_t, uint32_t) = {[POLL_SIGNALS] = take_signals};

bool poll_start(void) {
    sigset_t signals;

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    return epoll_fd >= 0 && signal_fd >= 0 &&
           poll_set(EPOLL_CTL_ADD, signal_fd, EPOLLIN, POLL_SIGNALS, 0) == 0;
}

void poll_handler(enum poll_kind kind, void (*ready)(uint32_t number, uint32_t events)) {
    handlers[kind] = ready;
}

int poll_set(int operation, int fd, uint32_t events, enum poll_kind kind, uint32_t number) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)kind << 32 | number};
    return epoll_ctl(epoll_fd, operation, fd, &event);
}

void poll_wait(long milliseconds) {
    struct epoll_event events[MOST_EVENTS];
    if (milliseconds > MOST_MILLISECONDS)
        milliseconds = MOST_MILLISECONDS;
    int count = epoll_wait(epoll_fd, events, MOST_EVENTS, (int)milliseconds);
    for (int i = 0; i < count; i++)
        handlers[events[i].data.u64 >> 32]((uint32_t)events[i].data.u64, events[i].events);
}

bool poll_hung_up(void) {
    bool was = hung_up;
    hung_up = false;
    return was;
}

bool poll_asked(void) {
    bool was = asked;
    asked = false;
    return was;
}

bool poll_stopped(void) {
    return stopped;
}
