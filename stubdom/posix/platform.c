/* platform.h on Linux: the daemon on a unix socket, without Xen; in test mode with simulated
 * domains. */
#include "../platform.h"
#include "../link.h"
#include "options.h"
#include "poll.h"
#include "simulate.h"
#include "socket.h"
#include "stream.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct options options;

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
    if (options.simulated) {
        config->simulate = simulate_state;
        wrong = simulate_start(options.simulated);
    }
    return wrong ? wrong : socket_listen(options.socket_path);
}

const char *platform_serve(void) {
    options_ready(&options);
    return NULL;
}

void platform_wait(long milliseconds) {
    simulate_tidy();
    poll_wait(milliseconds);
}

bool platform_running(void) {
    return !poll_stopped();
}

void platform_stop(void) {
    socket_close(options.socket_path);
    simulate_stop();
    options_end(&options);
}

int platform_open(unsigned domid, unsigned port) {
    (void)port;
    return options.simulated ? simulate_open(domid) : -1;
}

bool platform_rebind(int link, unsigned port) {
    (void)link, (void)port;
    return options.simulated != NULL;
}

void platform_domain(unsigned domid, struct domain_info *info) {
    if (options.simulated)
        simulate_domain(domid, info);
    else
        *info = (struct domain_info){.domid = domid, .state = domid == 0 ? DOMAIN_EXIST : 0};
}

int platform_changed_domains(struct domain_info *infos, int most) {
    return options.simulated ? simulate_changed(infos, most) : -1;
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
