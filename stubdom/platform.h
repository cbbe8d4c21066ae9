/*
 * The platform: all that the program needs of the system below it. xen/ implements it on the kernel
 * of mini-os/, linux/ on Linux. The code above does not know which of the two it runs on.
 *
 * Failures, here and in all headers of stubdom/, if a comment does not say otherwise:
 * - const char *: NULL on success, else the reason, one line without a line end. It is valid until
 *   the next call of the same function. Only platform_start() also returns "": the work is done,
 *   and the process ends with success.
 * - bool: true on success. After a failure nothing has changed.
 * - int: negative on failure, or if there is none; else a number, 0 or more.
 * - pointer: NULL if there is none, or no memory for it.
 *
 * src/host.ts has the same convention in TypeScript: "" stands for a text that is NULL here, a
 * negative number for no link or row, null for nothing at this time. Functions throw only what
 * their comments name.
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
    uint64_t unique_id; /* differs for each domain that uses a domid; 0: Xen is older than 4.21 */
};

struct platform_config {
    enum origin origin;
    bool refused;   /* ORIGIN_JOURNAL: the program refuses the message of host.header */
    enum shed shed; /* ORIGIN_JOURNAL: what the program gives up, since memory ran out before */
    int own_domid, priv_domid;
    int priv_port, own_port; /* event channels; -1: there is no ring to attach */
    char **args;             /* options that the platform did not take, ended by NULL */
    char **file_args;        /* the same, from a configuration file; NULL: none */
    char **file_places;      /* where each of those stands, as FILE:LINE */
    bool first;              /* Dom0's tools have not run yet: they wait for this program */
    bool testing;            /* the program checks its options and ends */
    const char
        *failed_update;    /* ORIGIN_PREDECESSOR: why another image could not start; NULL or "" */
    const char *tree_file; /* the file for the tree on EVENT_TREE; NULL: none */
    bool strict;           /* an unknown option is an error */
    size_t memory_limit;   /* bytes for the engine's heap; 0: unlimited */
    size_t packet_memory;  /* bytes for the ring of packets (trace/packets.h) */
    /* Test mode, else NULL: puts a domain into a state. False: there is no such domid. */
    bool (*simulate)(unsigned domid, unsigned state);
    /* The program as it is after loading (engine/boot.h); NULL: the engine loads it. */
    struct heap_snapshot *snapshot;
};

/**
 * Starts the platform and fills `config`. "": the command line asked for something that is done
 * (--version), and there is nothing to serve.
 */
const char *platform_start(int argc, char **argv, struct platform_config *config);
/** The program has started: accepts connections from now on. */
const char *platform_serve(void);
/**
 * Blocks until something happens, at most `milliseconds` (-1: no limit), and raises events and
 * ready links (transport/link.h). The program waits only here.
 */
void platform_wait(long milliseconds);
/** False: the program was asked to end. */
bool platform_running(void);
/** The program ends: closes sockets and removes their files and the pid file. */
void platform_stop(void);

/** Maps a domain's xenstore page and binds its event channel `port`. Returns the link. */
int platform_open(unsigned domid, unsigned port);
/** Binds another port of the same domain. False: the old one stays bound. */
bool platform_rebind(int link, unsigned port);

/** Fills `info`; its state is 0 if there is no such domain. */
void platform_domain(unsigned domid, struct domain_info *info);
/**
 * Fills `infos` with at most `most` domains that changed since the last call and returns their
 * number. Negative: unknown, because Xen is older than 4.21 or there is none.
 */
int platform_changed_domains(struct domain_info *infos, int most);

/** Milliseconds on a monotonic clock. */
double platform_now(void);
/** The cheapest counter with ticks of constant length, for the times of messages. */
uint64_t platform_ticks(void);
/** Seconds since 1970, UTC. */
double platform_wall_clock(void);
/** A random number that guests cannot guess. */
uint64_t platform_secret(void);
/** Reads a whole file; the caller frees it. NULL: it cannot be read, or there are no files. */
uint8_t *platform_read_file(const char *path, size_t *size);
/**
 * Writes a file, one at a time. It replaces a file of the same name only at platform_file_end()
 * with `whole`, so the old one survives a full disk. After a failure the new file is gone. In a
 * stub domain the write goes on after these calls have returned, and in place, because the 9pfs
 * share cannot rename.
 */
const char *platform_file_begin(const char *path);
const char *platform_file_add(const char *bytes, size_t length);
const char *platform_file_end(bool whole);

/** A metric of the platform. */
struct metric {
    const char *name;
    double value;
};
/** The process id at the other end of a link's socket; 0: none, or not known. */
int platform_peer(int link);
/** Fills at most `most` metrics and returns their number. */
int platform_metrics(struct metric *metrics, int most);

/** Where lines of one kind go (host.ts, LogFiles). */
struct log_place {
    const char *path;    /* "": to the log; LOG_PREFIX and a facility: to syslog */
    unsigned files;      /* that are kept when a file is full */
    unsigned long lines; /* of a file; 0: unlimited */
    const char *mark;    /* the first line of each file, with its line end; "": none */
};
/** Opens log `sink` (enum log_sink) at another place. On failure it stays where it was. */
const char *platform_open_log(unsigned sink, const struct log_place *place);
/** One line, without a line end. */
void platform_write_log(unsigned sink, const char *line, size_t length);

/*
 * Another executable replaces this process by exec and takes over its sockets and domains.
 * platform_replacement() checks whether `path` can do so. If it is C xenstored, which reads another
 * state, it sets `foreign` to the highest version of Xen's migration stream that it reads.
 * platform_replace() executes the one that was checked last (path NULL: the image), with the state
 * that state/update.h keeps and with `args` (NULL: those of this process). It returns only on
 * failure, with the reason.
 */
const char *platform_replacement(const char *path, unsigned *foreign);
/** Checks whether an image, which came in pieces, can replace this one in a stub domain. A packed
 * one is replaced by its contents: `*file` is allocated with malloc(). */
const char *platform_image(uint8_t **file, size_t *size);
const char *platform_replace(const char *path, char **args);

/* Links from and to C xenstored (src/host/handover.ts). */
/** Goes on with a bound local port of a domain, or with a socket (domid -1). Returns the link. */
int platform_adopt(int domid, int handle);
/** The numbers of the listening socket and of the event channel device; -1: none. */
void platform_descriptors(int *listener, int *device);

/** One line to the log, without a line end. */
void platform_log(const char *line, size_t length);

#endif
