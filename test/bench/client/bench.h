/* A case: its arrangement and its load, and the line that it reports. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "load.h"

extern const char *store_path;

struct row {
    const char *name;
    void (*run)(const struct row *);
    int clients; /* that send requests */
    int depth;   /* requests on their way, for each */
    int beside;  /* how many of what the case has beside them */
    int spread;  /* on how many connections that is */
};

/** Tables of cases, each ended by a row without a name. */
extern const struct row plain_cases[], transaction_cases[], watch_cases[], bulk_cases[],
    domain_cases[], hostile_cases[];

/** One more figure in the report, for what has a name of its own. */
void report(const char *name, double value);
/** The figures of a load. */
void report_load(const struct load *);

/** `/local/domain/N/device/vif/0/state`: paths as devices have them; returns the length with NUL.
 */
size_t device_path(char *to, int domain);
#define DEVICES 16
/** Makes DEVICES such nodes. */
void make_devices(struct connection *);

#endif
