/* platform.h for tests: no domains, a clock that stands still until told, and a log that is kept.
 */
#include "fake_platform.h"
#include "../../stubdom/transport/link.h"
#include <string.h>

char fake_log[65536];
double fake_time;
uint64_t fake_ticks = 1;

void platform_log(const char *line, size_t length) {
    size_t used = strlen(fake_log);
    if (used + length + 2 > sizeof(fake_log))
        return;
    memcpy(fake_log + used, line, length);
    memcpy(fake_log + used + length, "\n", 2);
}

uint64_t platform_secret(void) {
    return 1;
}

uint8_t *platform_read_file(const char *path, size_t *size) {
    (void)path, (void)size;
    return NULL;
}

const char *platform_file_begin(const char *path) {
    (void)path;
    return "no files";
}

const char *platform_file_add(const char *bytes, size_t length) {
    (void)bytes, (void)length;
    return "no files";
}

const char *platform_file_end(bool whole) {
    (void)whole;
    return "no files";
}

int platform_open(unsigned domid, unsigned port) {
    (void)domid, (void)port;
    return -1;
}

bool platform_rebind(int link, unsigned port) {
    (void)link, (void)port;
    return false;
}

void platform_domain(unsigned domid, struct domain_info *info) {
    *info = (struct domain_info){.domid = domid};
}

int platform_changed_domains(struct domain_info *infos, int most) {
    (void)infos, (void)most;
    return -1;
}

int platform_peer(int link) {
    (void)link;
    return 0;
}

int platform_metrics(struct metric *metrics, int most) {
    if (most > 0)
        metrics[0] = (struct metric){"fake", 42};
    return most > 0;
}

const char *platform_open_log(unsigned sink, const struct log_place *place) {
    (void)sink;
    return *place->path ? "no files" : NULL;
}

void platform_write_log(unsigned sink, const char *line, size_t length) {
    (void)sink;
    platform_log(line, length);
}

uint64_t platform_ticks(void) {
    return (uint64_t)(fake_time * 1e6) + fake_ticks;
}

double platform_now(void) {
    return fake_time;
}

double platform_wall_clock(void) {
    return 1.7e9 + fake_time / 1e3;
}

const char *platform_image(uint8_t **file, size_t *size) {
    (void)file, (void)size;
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
