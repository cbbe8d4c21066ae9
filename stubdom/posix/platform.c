/* platform.h on Linux: a unix socket, and what the program's home (home.h) has besides. */
#include "../platform.h"
#include "../link.h"
#include "dom0.h"
#include "home.h"
#include "notify.h"
#include "options.h"
#include "poll.h"
#include "simulate.h"
#include "socket.h"
#include "stream.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct options options;

/* Alone: Dom0 is whoever uses the socket, and there is nobody else. */

static int no_open(unsigned domid, unsigned port) {
    (void)domid, (void)port;
    return -1;
}

static bool no_rebind(int link, unsigned port) {
    (void)link, (void)port;
    return false;
}

static void only_dom0(unsigned domid, struct domain_info *info) {
    *info = (struct domain_info){.domid = domid, .state = domid == 0 ? DOMAIN_EXIST : 0};
}

static int no_changes(struct domain_info *infos, int most) {
    (void)infos, (void)most;
    return -1;
}

static void nothing(void) {
}

static const struct home lone_home = {no_open, no_rebind, only_dom0, no_changes, nothing, nothing};
static const struct home *home = &lone_home;

static const char *move_in(struct platform_config *config) {
    if (options.simulated) {
        home = &simulated_home;
        config->simulate = simulate_state;
        return simulate_start(options.simulated);
    }
    if (!dom0_is_here())
        return NULL;
    home = &dom0_home;
    return dom0_start(options.domains_module, config);
}

const char *platform_start(int argc, char **argv, struct platform_config *config) {
    const char *wrong = options_take(argc, argv, &options);
    if (wrong)
        return wrong;
    config->strict = true;
    config->args = options.rest;
    wrong = options_become_daemon(&options);
    if (wrong)
        return wrong;
    if (!poll_start())
        return "the event loop cannot be started";
    stream_start();
    wrong = move_in(config);
    return wrong ? wrong : socket_listen(options.socket_path);
}

const char *platform_serve(void) {
    options_ready(&options);
    notify_ready();
    return NULL;
}

void platform_wait(long milliseconds) {
    home->tidy();
    poll_wait(milliseconds);
}

bool platform_running(void) {
    return !poll_stopped();
}

void platform_stop(void) {
    socket_close(options.socket_path);
    home->stop();
    options_end(&options);
}

int platform_open(unsigned domid, unsigned port) {
    return home->open(domid, port);
}

bool platform_rebind(int link, unsigned port) {
    return home->rebind(link, port);
}

void platform_domain(unsigned domid, struct domain_info *info) {
    home->domain(domid, info);
}

int platform_changed_domains(struct domain_info *infos, int most) {
    return home->changed(infos, most);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

double platform_now(void) {
    return seconds(CLOCK_MONOTONIC) * 1e3;
}

double platform_wall_clock(void) {
    return seconds(CLOCK_REALTIME);
}

void platform_log(const char *line, size_t length) {
    fprintf(stderr, "%.*s\n", (int)length, line);
}
