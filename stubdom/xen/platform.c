/* platform.h on the kernel of mini-os/: the stub domain. */
#include "stubdom/platform.h"
#include "stubdom/domctl.h"
#include "engine/compiler.h"
#include "stubdom/transport/link.h"
#include "stubdom/trace/packets.h"
#include "stubdom/transport/ring_link.h"
#include "stubdom/cmdline.h"
#include "stubdom/xen/9pfs/ninep_client.h"
#include "stubdom/xen/9pfs/ninep_front.h"
#include "stubdom/xen/9pfs/ninep_session.h"
#include "image.h"
#include "own_client.h"
#include "own_domid.h"
#include "options_table.h"
#include <mini-os/arch.h>
#include <mini-os/clock.h>
#include <mini-os/console.h>
#include <mini-os/events.h>
#include <mini-os/grants.h>
#include <mini-os/hypercall.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <mini-os/region.h>
#include <stddef.h>
#include <stdlib.h>
#include <cpuid.h>
#include <string.h>
#include <xen/xen.h>

/* Bytes of the heap that the engine may not use: link buffers, page tables for grants, losses of
 * the allocator. */
#define KERNEL_SHARE(heap) (256 * 1024 + (heap) / 32)
/* Bytes for the packet trace: some hundred packets in the smallest domain, four thousand from 32
 * MiB on. */
#define PACKET_SHARE(heap) ((heap) / 64 < 512 * 1024 ? (heap) / 64 : 512 * 1024)

/* Events that are taken before the program's next turn. */
#define PORTS_A_TURN 256

int own_domid = -1;
static int domain_port = -1;

/* Finds the domid of this domain: the remote domain of an event channel to itself. */
static int find_own_domid(void) {
    int port = event_alloc_unbound(DOMID_SELF);
    if (port < 0)
        return -1;
    int other = event_bind_interdomain(DOMID_SELF, port);
    int domid = other < 0 ? -1 : event_remote_domain(other);
    if (other >= 0)
        event_close(other);
    event_close(port);
    return domid;
}

static bool parse_number(const char *text, int *number) {
    char *end;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < 0 || value > 0x7fffffff)
        return false;
    *number = value;
    return true;
}

struct given {
#define FIELD(field, name, letter, takes) const char *field;
    OPTIONS_OF_STUB(FIELD)
#undef FIELD
};

static void take_number(const char *name, const char *text, int *number) {
    if (text && !parse_number(text, number))
        console_line("xenstored: option --%s wants a number", name);
}

/* Takes the platform's options out of the command line; the rest are the program's. */
static void take_options(char **argv, struct platform_config *config) {
    static const struct cmdline_option table[] = {
#define ROW(field, name, letter, takes) {name, letter, takes, offsetof(struct given, field)},
        OPTIONS_OF_STUB(ROW)
#undef ROW
    };
    struct given given = {NULL};
    const char *wrong = cmdline_take(argv, table, sizeof(table) / sizeof(table[0]), &given);
    if (wrong)
        console_line("xenstored: option --%s wants a number", wrong);
    take_number("event", given.event, &config->priv_port);
    take_number("priv-domid", given.priv_domid, &config->priv_domid);
    config->args = argv;
}

static void to_console(const char *line, size_t length) {
    console_line("%.*s", (int)length, line);
}

/* The console's backlog of 8 KiB holds registers, call chain and 16 packets. */
static void last_words(void) {
    packets_tail(16, to_console);
}

static const char *go_on(struct platform_config *config) {
    const char *wrong;
    domain_port = image_continue(config, &wrong);
    return wrong;
}

static const char *find_ports(struct platform_config *config) {
    config->own_domid = own_domid = find_own_domid();
    if (own_domid < 0)
        return "the own domain number cannot be found out";
    /* init-xenstore-domain of Xen 4.17 gives the domain a page, but no event channel to itself. */
    if (boot.store_page && !boot.store_port) {
        int port = event_alloc_unbound(DOMID_SELF);
        boot.store_port = port < 0 ? 0 : port;
    }
    config->own_port = boot.store_port && boot.store_page ? (int)boot.store_port : -1;
    domain_port = event_bind_virq(VIRQ_DOM_EXC);
    if (domain_port < 0)
        console_line("xenstored: deaths of domains will not be noticed: VIRQ_DOM_EXC: %d",
                     domain_port);
    return NULL;
}

const char *platform_start(int argc, char **argv, struct platform_config *config) {
    panic_last_words = last_words;
    ninep_session_start();
    config->strict = false;
    config->priv_domid = 0;
    config->first = true;
    take_options(argv + (argc > 0), config);
    const char *wrong = image_is_next() ? go_on(config) : find_ports(config);
    if (wrong)
        return wrong;
    if (config->priv_port < 0)
        return "no --event: this image is started by init-xenstore-domain";
    image_set(config, domain_port);
    size_t heap = memory_left() + region_size();
    config->packet_memory = PACKET_SHARE(heap);
    size_t share = KERNEL_SHARE(heap) + config->packet_memory;
    config->memory_limit = heap > 2 * share ? heap - share : heap / 2;
    return NULL;
}

const char *platform_serve(void) {
    if (image_is_next())
        image_continued();
    else
        ninep_front_start();
    console_line("xenstored: serving, %lu KiB left", (unsigned long)memory_left() / 1024);
    return NULL;
}

static COLD void other_event(int port) {
    if (port == domain_port)
        link_raise(EVENT_DOMAINS);
    else if (port == (int)console_port())
        console_flush();
    else if (port == (int)boot.store_port)
        own_client_event();
    else
        ninep_front_event(port);
}

/* Takes a bounded number of events, because guests can send them as fast as they are taken. If some
 * are left, event_waiting() keeps the program from blocking. */
static ALWAYS_INLINE void take_events(void) {
    int port;
    for (int left = PORTS_A_TURN; left > 0 && (port = event_next()) >= 0; left--)
        if (!ring_links_event(port))
            other_event(port);
}

/* Called if the timer fired or was never set. */
static COLD void look_at_rings(void) {
    static uint64_t next;
    uint64_t now = clock_monotonic_ns();
    if (now >= next) {
        link_look_at_all();
        next = now + LINK_LOOK_MILLISECONDS * 1000000ULL;
    }
    event_set_timer(next);
}

/* Ends the wait for the 9pfs share at its deadline. Returns the milliseconds that the program may
 * block. */
static COLD long look_at_share(long milliseconds, double deadline) {
    double left = deadline - platform_now();
    if (left <= 0) {
        ninep_session_timed_out();
        return milliseconds;
    }
    return milliseconds < 0 || left < milliseconds ? (long)left + 1 : milliseconds;
}

static COLD uint64_t time_in(long milliseconds) {
    return clock_monotonic_ns() + (uint64_t)milliseconds * 1000000;
}

ALWAYS_INLINE void platform_wait(long milliseconds) {
    if (milliseconds != 0 && !event_waiting()) {
        double share = ninep_session_deadline();
        if (UNLIKELY(share >= 0))
            milliseconds = look_at_share(milliseconds, share);
        /* An event that arrives before the domain sleeps wakes it at once. */
        event_wait(milliseconds < 0 ? 0 : time_in(milliseconds));
    }
    take_events();
    if (UNLIKELY(!event_timer_is_set()))
        look_at_rings();
}

bool platform_running(void) {
    return true;
}

void platform_stop(void) {
}

long domctl_call(struct domctl *call) {
    return hypercall2(__HYPERVISOR_domctl, (uint64_t)call, 0);
}

void platform_domain(unsigned domid, struct domain_info *info) {
    domctl_domain(domid, info);
}

int platform_changed_domains(struct domain_info *infos, int most) {
    return domctl_changed(infos, most);
}

int platform_open(unsigned domid, unsigned port) {
    return ring_link_open(domid, port);
}

bool platform_rebind(int link, unsigned port) {
    return ring_link_rebind(link, port);
}

uint64_t platform_ticks(void) {
    return clock_recent_ns();
}

double platform_now(void) {
    return (double)clock_monotonic_ns() / 1e6;
}

double platform_wall_clock(void) {
    return (double)clock_wall_ns() / 1e9;
}

/* Made of the time in nanoseconds and the cycle counter, which guests do not know so exactly. */
/* A guest may know the clock and guess at the cycles. 0: this processor has no random numbers. */
static uint64_t processor_random(void) {
    unsigned a, b, c, d;
    unsigned long long number = 0;
    unsigned char good = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_RDRND))
        return 0;
    for (int n = 0; n < 10 && !good; n++)
        __asm__ volatile("rdrand %0; setc %1" : "=r"(number), "=qm"(good) : : "cc");
    return good ? number : 0;
}

uint64_t platform_secret(void) {
    return (uint64_t)clock_wall_ns() * 0x9e3779b97f4a7c15 ^ __builtin_ia32_rdtsc() ^
           processor_random();
}

/* The 9pfs share is only written. */
uint8_t *platform_read_file(const char *path, size_t *size) {
    (void)path, (void)size;
    return NULL;
}

const char *platform_file_begin(const char *path) {
    return ninep_client_write(path, NULL, 0);
}

const char *platform_file_add(const char *bytes, size_t length) {
    return ninep_client_write("", bytes, length);
}

const char *platform_file_end(bool whole) {
    (void)whole;
    return NULL;
}

int platform_peer(int link) {
    (void)link;
    return 0;
}

int platform_metrics(struct metric *metrics, int most) {
    struct ninep_metrics share = ninep_client_metrics();
    const struct metric all[] = {
        {"kernel-heap-bytes", memory_total()},  {"kernel-left-bytes", memory_left()},
        {"grants-mapped", grants_mapped()},     {"grant-slots", GRANT_SLOTS},
        {"share-attached", share.attached},     {"share-requests", share.requests},
        {"share-lines-lost", share.lines_lost},
    };
    int count = sizeof(all) / sizeof(all[0]);
    if (count > most)
        count = most;
    memcpy(metrics, all, count * sizeof(*metrics));
    return count;
}

const char *platform_open_log(unsigned sink, const struct log_place *place) {
    return ninep_client_open_log(sink, place);
}

/* Limits the lines of a log whose file cannot be written, to LOG_LINES_CONSOLE a second, as the
 * program does for logs on the console. */
static bool console_takes(void) {
    static double second;
    static unsigned lines;
    double now = platform_now();
    if (now - second >= 1000) {
        second = now;
        lines = 0;
    }
    return lines++ < LOG_LINES_CONSOLE;
}

void platform_write_log(unsigned sink, const char *line, size_t length) {
    if (!ninep_client_write_log(sink, line, length) && console_takes())
        to_console(line, length);
}

void platform_log(const char *line, size_t length) {
    image_says(line, length);
    if (!ninep_client_write_log(0, line, length))
        to_console(line, length);
}
