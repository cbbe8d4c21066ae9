#include "platform.h"
#include "../../stubdom/xen/unpack.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double fuzz_time;
bool fuzz_log, fuzz_failed, fuzz_files;
char fuzz_last_line[256];
int (*fuzz_open)(unsigned domid, unsigned port);
bool (*fuzz_rebind)(int link, unsigned port);
const uint8_t *fuzz_file;
size_t fuzz_file_size;

static struct domain_info domains[DOMAINS];
static uint64_t instances;

void platform_log(const char *line, size_t length) {
    snprintf(fuzz_last_line, sizeof(fuzz_last_line), "%.*s", (int)length, line);
    if (fuzz_log)
        fprintf(stderr, "%.*s\n", (int)length, line);
}

/* Whatever the program says when something failed, it calls this. */
void __wrap_packets_after_failure(void);
void __real_packets_after_failure(void);
void __wrap_packets_after_failure(void) {
    fuzz_failed = true;
    __real_packets_after_failure();
}

void fuzz_domain_set(unsigned domid, unsigned state) {
    domains[domid].state = state;
}

void fuzz_domain_renew(unsigned domid) {
    domains[domid] =
        (struct domain_info){.domid = domid, .state = DOMAIN_EXIST, .unique_id = ++instances};
}

void fuzz_domains_reset(void) {
    for (unsigned domid = 0; domid < DOMAINS; domid++)
        fuzz_domain_renew(domid);
}

void platform_domain(unsigned domid, struct domain_info *info) {
    *info = domid < DOMAINS ? domains[domid] : (struct domain_info){.domid = domid};
}

int platform_changed_domains(struct domain_info *infos, int most) {
    (void)infos, (void)most;
    return -1;
}

int platform_open(unsigned domid, unsigned port) {
    return fuzz_open ? fuzz_open(domid, port) : -1;
}

bool platform_rebind(int link, unsigned port) {
    return fuzz_rebind && fuzz_rebind(link, port);
}

uint64_t platform_secret(void) {
    return 1;
}

uint8_t *platform_read_file(const char *path, size_t *size) {
    (void)path;
    if (!fuzz_file)
        return NULL;
    /* As linux/platform.c: a byte of room for a NUL. */
    uint8_t *copy = malloc(fuzz_file_size + 1);
    if (!copy)
        abort();
    memcpy(copy, fuzz_file, fuzz_file_size);
    *size = fuzz_file_size;
    return copy;
}

const char *platform_file_begin(const char *path) {
    (void)path;
    return fuzz_files ? NULL : "no files";
}

const char *platform_file_add(const char *bytes, size_t length) {
    (void)bytes, (void)length;
    return fuzz_files ? NULL : "no files";
}

const char *platform_file_end(bool whole) {
    (void)whole;
    return fuzz_files ? NULL : "no files";
}

int platform_peer(int link) {
    (void)link;
    return 0;
}

int platform_metrics(struct metric *metrics, int most) {
    if (most > 0)
        metrics[0] = (struct metric){"fuzz", 1};
    return most > 0;
}

const char *platform_open_log(unsigned sink, const struct log_place *place) {
    (void)sink;
    return *place->path && !fuzz_files ? "no files" : NULL;
}

void platform_write_log(unsigned sink, const char *line, size_t length) {
    (void)sink;
    platform_log(line, length);
}

uint64_t platform_ticks(void) {
    return (uint64_t)(fuzz_time * 1000);
}

double platform_now(void) {
    return fuzz_time;
}

double platform_wall_clock(void) {
    return 1.7e9 + fuzz_time / 1e3;
}

/* Unpacks it, as a stub domain does. */
const char *platform_image(uint8_t **file, size_t *size) {
    size_t length = unpack_is_packed(*file, *size) ? unpack_size(*file, *size) : 0;
    uint8_t *bytes = length && length < (1 << 20) ? malloc(length) : NULL;
    if (bytes)
        unpack(*file, *size, bytes);
    free(bytes);
    return "no image";
}

const char *platform_replacement(const char *path, unsigned *foreign) {
    (void)path, (void)foreign;
    return "no executables";
}

const char *platform_replace(const char *path, char **args) {
    (void)path, (void)args;
    return "no executables";
}

int platform_adopt(int domid, int handle) {
    (void)domid, (void)handle;
    return -1;
}

void platform_descriptors(int *listener, int *device) {
    *listener = *device = -1;
}
