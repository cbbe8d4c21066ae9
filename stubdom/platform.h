/*
 * The only contract between this program and what is below it: xen/ on the
 * kernel of mini-os/, linux/ on Linux. Nothing above asks which it is.
 *
 * How failures are returned, here and in all headers of stubdom/:
 * - A const char * about what was asked for: NULL, it is done; else why not, a line without its
 *   end that is valid until the next call of the function. platform_start() alone returns "" as
 *   well: it is done, and the process is to end with success.
 * - A bool: whether it is done. Where it is not, nothing has changed.
 * - An int: negative, it failed or there is none. A number that is asked for is 0 or more.
 * - A pointer: NULL, there is none, or no memory for it.
 *
 * host.ts is the same in TypeScript's terms: a text is "" where it is NULL here, a link or a row is
 * negative where there is none, null is nothing now, and what its comment says to throw is thrown.
 */
#ifndef STUBDOM_PLATFORM_H
#define STUBDOM_PLATFORM_H

#include "host_contract.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct domain_info {
    unsigned domid;
    unsigned state;     /* bits of enum domain_state; 0: no such domain */
    uint64_t unique_id; /* differs for each instance of a domid; 0: this Xen does not tell */
};

struct platform_config {
    enum origin origin;
    bool refused;   /* ORIGIN_JOURNAL: the message of host.header is to be refused */
    enum shed shed; /* ORIGIN_JOURNAL: memory ends each time: what is to go */
    int own_domid, priv_domid;
    int priv_port, own_port; /* -1: there is no ring to attach */
    char **args;             /* options that the platform did not take, ended by NULL */
    char **file_args;        /* the same, of a configuration file; NULL: none */
    bool first;              /* Dom0's tools have not run yet, and cannot before this program */
    bool testing;            /* the options are looked at, and nothing else */
    const char *tree_file;   /* where the tree goes on EVENT_TREE; NULL: nobody asks */
    bool strict;             /* an unknown option is an error */
    size_t memory_limit;     /* bytes for the engine's heap; 0: unlimited */
    size_t packet_memory;    /* bytes for the ring of packets (trace/packets.h) */
    /* Test mode alone: puts a domain into a state. False: there is no such number. */
    bool (*simulate)(unsigned domid, unsigned state);
    /* The program as it is once it is loaded (engine/boot.h); NULL: it has to be. */
    struct heap_snapshot *snapshot;
};

/** Brings up what is below. "": what was asked for is done (--version), and there is nothing to
 * serve. */
const char *platform_start(int argc, char **argv, struct platform_config *config);
/** The daemon runs: connections are welcome. */
const char *platform_serve(void);
/** Blocks until there is news, at most `milliseconds` (-1: for ever), and raises it
 * (transport/link.h). */
void platform_wait(long milliseconds);
/** False: the program was asked to end. */
bool platform_running(void);
void platform_stop(void);

/** A link to a domain's xenstore page with its event channel bound; negative: it failed. */
int platform_open(unsigned domid, unsigned port);
/** Binds another port of the same domain. False: it failed, the old one is kept. */
bool platform_rebind(int link, unsigned port);

void platform_domain(unsigned domid, struct domain_info *info);
/** Domains that changed since the last call. Negative: this Xen cannot tell. */
int platform_changed_domains(struct domain_info *infos, int most);

/** Milliseconds on a clock that only goes forward. */
double platform_now(void);
/** A counter for the times of messages, as cheap as there is one: ticks of a steady length. */
uint64_t platform_ticks(void);
/** Seconds since 1970, UTC. */
double platform_wall_clock(void);
/** A number that no guest knows. */
uint64_t platform_secret(void);
/** A whole file, to be freed; NULL: it cannot be read, or there are no files here. */
uint8_t *platform_read_file(const char *path, size_t *size);
/**
 * A file that takes the place of one with this name when it is whole (platform_file_end), and never
 * before: so what was there stays where a disk is full. One at a time; a text is why it cannot be,
 * and then it is gone. In a stub domain it is written behind this call and in place, for its share
 * cannot rename.
 */
const char *platform_file_begin(const char *path);
const char *platform_file_add(const char *bytes, size_t length);
const char *platform_file_end(bool whole);

/** A metric of what is below, for who looks after it. */
struct metric {
    const char *name;
    double value;
};
/** The process at the other end of a link's socket; 0: none, or it is not known. */
int platform_peer(int link);
/** Returns how many there are, at most `most`. */
int platform_metrics(struct metric *metrics, int most);

/** Where lines of one kind go (host.ts, LogFiles). */
struct log_place {
    const char *path; /* "": to the log */
    unsigned files;
    unsigned long lines;
    const char *mark;
};
/** NULL, or why it cannot be. */
const char *platform_open_log(unsigned sink, const struct log_place *place);
void platform_write_log(unsigned sink, const char *line, size_t length);

/*
 * Another executable in place of this process, which goes on with its sockets and domains.
 * platform_replacement() tells whether it can be one: NULL, or why not. platform_replace() goes
 * there, with the state that state/update.h has kept and with these words (NULL: those of this
 * process); it comes back only to say why it could not.
 */
const char *platform_replacement(const char *path);
const char *platform_replace(const char *path, char **args);

/** One line, without its end. */
void platform_log(const char *line, size_t length);

#endif
