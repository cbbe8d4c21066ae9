#include "domains.h"
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BASE "xenstored-domains"

const struct xen_domains *domains;

static char reason[PATH_MAX + 256];

static int xen_version(const char *part) {
    char path[64];
    int number = -1;
    snprintf(path, sizeof(path), "/sys/hypervisor/version/%s", part);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    if (fscanf(file, "%d", &number) != 1)
        number = -1;
    fclose(file);
    return number;
}

const char *domains_xen_version(void) {
    static char text[32];
    snprintf(text, sizeof(text), "%d.%d", xen_version("major"), xen_version("minor"));
    return text;
}

static const char *beside_program(void) {
    static char path[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length < 0)
        return BASE ".so";
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1;
    size_t room = sizeof(path) - (name - path);
    snprintf(name, room, BASE "-%s.so", domains_xen_version());
    if (access(path, R_OK) != 0)
        snprintf(name, room, BASE ".so");
    return path;
}

const char *domains_load(const char *file) {
    if (!file)
        file = beside_program();
    void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const struct xen_domains *found = module ? dlsym(module, XEN_DOMAINS_SYMBOL) : NULL;
    if (!found) {
        snprintf(reason, sizeof(reason), "the module for Xen's domains: %s", dlerror());
        return reason;
    }
    if (found->version != XEN_DOMAINS_VERSION) {
        snprintf(reason, sizeof(reason), "%s is of version %u, this program wants %d", file,
                 found->version, XEN_DOMAINS_VERSION);
        return reason;
    }
    const char *wrong = found->start();
    if (wrong) {
        snprintf(reason, sizeof(reason), "%s: %s", file, wrong);
        return reason;
    }
    domains = found;
    return NULL;
}
