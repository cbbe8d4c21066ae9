/* platform.h on Linux: a unix socket, and domains from a struct domain_backend. */
#include "stubdom/platform.h"
#include "stubdom/embedded.h"
#include "stubdom/engine/memory.h"
#include "stubdom/transport/link.h"
#include "engine/program_file.h"
#include "crash.h"
#include "dom0.h"
#include "domain_backend.h"
#include "handover.h"
#include "log_file.h"
#include "log_out.h"
#include "memory.h"
#include "notify.h"
#include "options.h"
#include "poll.h"
#include "heap_snapshot.h"
#include "heap_profile.h"
#include "replace.h"
#include "simulate.h"
#include "socket.h"
#include "stream.h"
#include "whole_file.h"
#include "stubdom/state/update.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MOST (1 << 30)
#define PACKET_MEMORY (512 << 10)
/* Free bytes that malloc() keeps: returning memory to the kernel and taking it again would cost
 * more than a turn. */
#define HEAP_KEPT (4 << 20)

static struct options options = {.ready_pipe = -1, .pid_file_fd = -1};
static struct log_out standard_error = {.fd = STDERR_FILENO};

/* --- no domains: clients on the socket count as Dom0 --- */

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

static const struct domain_backend lone_backend = {
    .open = no_open,
    .rebind = no_rebind,
    .adopt = no_open,
    .domain = only_dom0,
    .changed = no_changes,
    .poll = nothing,
    .stop = nothing,
    .moves = true,
};
static const struct domain_backend *backend = &lone_backend;

static const char *select_backend(struct platform_config *config, int evtchn_fd) {
    if (options.given.simulate_domains) {
        backend = &simulated_backend;
        config->simulate = simulate_state;
        return simulate_start(options.given.simulate_domains);
    }
    if (!dom0_is_here())
        return NULL;
    backend = &dom0_backend;
    return dom0_start(&options.given, config, evtchn_fd);
}

/* Reads the file of --restore: a state stream of this or another xenstored. */
static const char *read_state(const char *path, struct platform_config *config) {
    static char why[512];
    size_t size;
    errno = 0;
    uint8_t *bytes = platform_read_file(path, &size);
    if (!bytes) {
        snprintf(why, sizeof(why), "--restore %s: %s", path, strerror(errno ? errno : EINVAL));
        return why;
    }
    bool kept = update_save((const char *)bytes, size);
    free(bytes);
    config->origin = ORIGIN_FILE;
    return kept ? NULL : "no memory for the state to be restored";
}

static const char *answer(const char *text) {
    fputs(text, stdout);
    return "";
}

static const char *program_version(void) {
    static char line[128];
    struct program_file program;
    const char *wrong =
        program_file_open(embedded_program, embedded_program_end - embedded_program, &program);
    snprintf(line, sizeof(line), "xenstore-ts %s, %s\n", wrong ? wrong : program.version,
             PROGRAM_ENGINE);
    return line;
}

static const char *write_heap_snapshot(void) {
    size_t count;
    const bool *written = heap_profile(&count);
    const char *wrong = written ? heap_snapshot_make(written, count) : "a start cannot be profiled";
    return wrong ? wrong : heap_snapshot_write();
}

/* Opens closed standard streams: a socket or a device that got their number would be used as a
 * log. */
static void hold_standard_streams(void) {
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    if (fd >= 0)
        close(fd);
}

static const char *start(int argc, char **argv, struct platform_config *config) {
    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
    /* Not options of the table: the build calls these (build/native.mk). */
    if (argc == 2 && strcmp(argv[1], "--write-heap-snapshot") == 0)
        return write_heap_snapshot();
    if (argc == 2 && strcmp(argv[1], "--write-heap-profile") == 0)
        return heap_profile_requests(stdout);
    if (!handover_keep_words(argc, argv))
        return "no memory for the options";
    const char *wrong = options_take(argc, argv, &options);
    if (wrong)
        return wrong;
    if (options.given.help)
        return answer(OPTIONS_HELP);
    if (options.given.version)
        return answer(program_version());
    config->strict = true;
    config->snapshot = heap_snapshot_program();
    config->file_args = options.file_rest;
    config->file_places = options.file_places;
    config->testing = options.given.config_test != NULL;
    config->packet_memory = PACKET_MEMORY;
    config->memory_limit = memory_available(PACKET_MEMORY);
    config->args = options.rest;
    struct inherited inherited = {.listen_fd = -1, .pid_file_fd = -1, .evtchn_fd = -1};
    wrong = handover_take(&options, config, &inherited);
    /* A trial before a live update checks for the module, and opens no device. */
    if (!wrong && config->origin != ORIGIN_NONE && config->testing && dom0_is_here())
        wrong = dom0_try(&options.given);
    if (wrong || config->testing)
        return wrong;
    /* A live update has tried the words already. */
    wrong = config->origin == ORIGIN_NONE ? options_know(options.rest) : NULL;
    if (!wrong)
        wrong = options_find_socket(&options);
    config->tree_file = options.tree_file;
    if (!wrong)
        wrong = handover_take_process(&options, inherited.pid_file_fd);
    if (wrong)
        return wrong;
    crash_prepare(&standard_error);
    if (!poll_start())
        return "the event loop cannot be started";
    stream_start();
    wrong = select_backend(config, inherited.evtchn_fd);
    handover_begin(&options, backend);
    if (!wrong && options.given.take_over)
        wrong = replace_links(&inherited, backend->open);
    else if (!wrong && options.given.restore)
        wrong = read_state(options.given.restore, config);
    if (wrong || options.given.disable_socket)
        return wrong;
    return inherited.listen_fd >= 0 ? socket_adopt(inherited.listen_fd)
                                    : socket_listen(options.socket_path);
}

const char *platform_start(int argc, char **argv, struct platform_config *config) {
    hold_standard_streams();
    log_out_standard_error(&standard_error);
    const char *wrong = start(argc, argv, config);
    /* The pid file exists already. */
    if (wrong)
        options_end(&options);
    if (wrong)
        handover_failed(wrong);
    return wrong;
}

const char *platform_serve(void) {
    if (options.given.config_test) {
        const char *file = options.given.config_file;
        printf("Configuration valid%s%s\n", file ? " at " : "", file ? file : "");
        return "";
    }
    handover_done();
    options_ready(&options);
    notify_ready();
    return NULL;
}

void platform_wait(long milliseconds) {
    backend->poll();
    memory_give_back(engine_memory_used());
    poll_wait(socket_wait(milliseconds));
    if (poll_hung_up())
        log_files_reopen();
    if (poll_asked())
        link_raise(EVENT_TREE);
}

bool platform_running(void) {
    return !poll_stopped();
}

void platform_stop(void) {
    handover_failed("the program did not start: its log has the reason");
    if (options.socket_path && !options.given.disable_socket)
        socket_close(options.socket_path);
    backend->stop();
    options_end(&options);
}

int platform_open(unsigned domid, unsigned port) {
    return backend->open(domid, port);
}

bool platform_rebind(int link, unsigned port) {
    return backend->rebind(link, port);
}

void platform_domain(unsigned domid, struct domain_info *info) {
    backend->domain(domid, info);
}

int platform_changed_domains(struct domain_info *infos, int most) {
    return backend->changed(infos, most);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

uint64_t platform_ticks(void) {
    return __builtin_ia32_rdtsc();
}

double platform_now(void) {
    return seconds(CLOCK_MONOTONIC) * 1e3;
}

double platform_wall_clock(void) {
    return seconds(CLOCK_REALTIME);
}

uint64_t platform_secret(void) {
    uint64_t secret = (uint64_t)(seconds(CLOCK_REALTIME) * 1e9);
    /* Before the kernel has entropy, the time must do. */
    if (getrandom(&secret, sizeof(secret), GRND_NONBLOCK) < 0)
        return secret ^ (uint64_t)(uintptr_t)&secret;
    return secret;
}

uint8_t *platform_read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes = NULL;
    struct stat about;
    if (file && fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_size <= FILE_MOST && (bytes = malloc(about.st_size + 1))) {
        *size = fread(bytes, 1, about.st_size, file);
        if ((off_t)*size != about.st_size) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file)
        fclose(file);
    return bytes;
}

const char *platform_file_begin(const char *path) {
    return whole_file_begin(path);
}

const char *platform_file_add(const char *bytes, size_t length) {
    return whole_file_add(bytes, length);
}

const char *platform_file_end(bool whole) {
    return whole_file_end(whole);
}

int platform_peer(int link) {
    struct endpoint *endpoint = link_endpoint(link);
    struct ucred peer = {0};
    socklen_t length = sizeof(peer);
    /* A ring has no descriptor. */
    if (!endpoint || endpoint->fd <= STDERR_FILENO ||
        getsockopt(endpoint->fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return 0;
    return peer.pid;
}

/* Sizes of the process, from proc(5), statm. */
int platform_metrics(struct metric *metrics, int most) {
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    bool read = file && fscanf(file, "%lu %lu", &size, &resident) == 2;
    if (file)
        fclose(file);
    if (!read || most < 2)
        return 0;
    metrics[0] = (struct metric){"process-bytes", (double)size * sysconf(_SC_PAGESIZE)};
    metrics[1] = (struct metric){"resident-bytes", (double)resident * sysconf(_SC_PAGESIZE)};
    return 2;
}

const char *platform_open_log(unsigned sink, const struct log_place *place) {
    return log_file_open(sink, place);
}

void platform_write_log(unsigned sink, const char *line, size_t length) {
    if (!log_file_write(sink, line, length))
        platform_log(line, length);
}

void platform_log(const char *line, size_t length) {
    if (!log_file_write(0, line, length))
        log_out_line(&standard_error, line, length);
}
