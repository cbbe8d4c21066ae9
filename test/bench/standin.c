/*
 * Preloaded into C xenstored and oxenstored where there is no Xen: stands in for
 * the libraries with which they open event channels, grants and the hypervisor.
 * Nobody ever sends them an event; all that they serve is their socket.
 *
 * Files below the directories of `moved` are looked for below $STANDIN_ROOT.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define next(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* --- files --- */

static const char *const moved[] = {"/proc/xen/", "/var/run/", "/run/", "/var/log/xen",
                                    "/usr/lib/xen-4.20/"};

static const char *place(const char *path, char *buffer, size_t size) {
    const char *root = getenv("STANDIN_ROOT");
    for (size_t i = 0; root && path && i < sizeof(moved) / sizeof(moved[0]); i++) {
        if (strncmp(path, moved[i], strlen(moved[i])) == 0) {
            snprintf(buffer, size, "%s%s", root, path);
            return buffer;
        }
    }
    return path;
}
#define PLACE(path) place(path, (char[4096]){0}, 4096)

static int mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    return next(open)(PLACE(path), flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    return next(open64)(PLACE(path), flags, mode);
}

int access(const char *path, int mode) {
    return next(access)(PLACE(path), mode);
}

int stat(const char *restrict path, struct stat *restrict to) {
    return next(stat)(PLACE(path), to);
}

int stat64(const char *restrict path, struct stat64 *restrict to) {
    return next(stat64)(PLACE(path), to);
}

int mkdir(const char *path, mode_t mode) {
    return next(mkdir)(PLACE(path), mode);
}

int unlink(const char *path) {
    return next(unlink)(PLACE(path));
}

int chmod(const char *path, mode_t mode) {
    return next(chmod)(PLACE(path), mode);
}

DIR *opendir(const char *path) {
    return next(opendir)(PLACE(path));
}

void *dlopen(const char *path, int flags) {
    return next(dlopen)(PLACE(path), flags);
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (address->sa_family != AF_UNIX)
        return next(bind)(fd, address, length);
    snprintf(un.sun_path, sizeof(un.sun_path), "%s",
             PLACE(((const struct sockaddr_un *)address)->sun_path));
    return next(bind)(fd, (struct sockaddr *)&un, sizeof(un));
}

/* oxenstored wants a million files, which it may not have everywhere; what it was given has to do.
 */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
    (void)resource, (void)limit;
    return 0;
}

/* --- event channels --- */

struct handle {
    int fd;
};

static struct handle handle = {.fd = -1};

static struct handle *open_handle(void) {
    if (handle.fd < 0)
        handle.fd = eventfd(0, EFD_NONBLOCK);
    return &handle;
}

void *xenevtchn_open(void *logger, unsigned flags) {
    (void)logger, (void)flags;
    return open_handle();
}

void *xenevtchn_fdopen(void *logger, int fd, unsigned flags) {
    (void)logger, (void)fd, (void)flags;
    return open_handle();
}

int xenevtchn_fd(void *xce) {
    return ((struct handle *)xce)->fd;
}

int xenevtchn_pending(void *xce) {
    (void)xce;
    errno = EAGAIN;
    return -1;
}

int xenevtchn_bind_interdomain(void *xce, uint32_t domid, uint32_t port) {
    static int given = 10;
    (void)xce, (void)domid, (void)port;
    return given++;
}

int xenevtchn_bind_virq(void *xce, unsigned virq) {
    (void)xce;
    return (int)virq + 1;
}

int xenevtchn_notify(void *xce, uint32_t port) {
    (void)xce, (void)port;
    return 0;
}

int xenevtchn_unmask(void *xce, uint32_t port) {
    (void)xce, (void)port;
    return 0;
}

int xenevtchn_unbind(void *xce, uint32_t port) {
    (void)xce, (void)port;
    return 0;
}

int xenevtchn_close(void *xce) {
    (void)xce;
    return 0;
}

/* --- grants --- */

void *xengnttab_open(void *logger, unsigned flags) {
    (void)logger, (void)flags;
    return open_handle();
}

int xengnttab_close(void *xgt) {
    (void)xgt;
    return 0;
}

int xengnttab_set_max_grants(void *xgt, uint32_t count) {
    (void)xgt, (void)count;
    return 0;
}

void *xengnttab_map_grant_ref(void *xgt, uint32_t domid, uint32_t ref, int protection) {
    (void)xgt, (void)domid, (void)ref;
    void *page = mmap(NULL, 4096, protection, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? NULL : page;
}

int xengnttab_unmap(void *xgt, void *start, uint32_t count) {
    (void)xgt;
    return munmap(start, count * 4096UL);
}

/* --- the hypervisor: no domain but Dom0, which lives --- */

void *xc_interface_open(void *logger, void *other, unsigned flags) {
    (void)logger, (void)other, (void)flags;
    return open_handle();
}

int xc_interface_close(void *xch) {
    (void)xch;
    return 0;
}

/* Xen 4.18 and later. struct xen_domctl_getdomaininfo begins with the domid and, after two bytes,
 * the flags. */
int xc_domain_getinfo_single(void *xch, uint32_t domid, void *info) {
    (void)xch;
    errno = ESRCH;
    return domid == 0 ? (memset(info, 0, 8), 0) : -1;
}

/* Before. xc_dominfo_t begins with the domid, and with two words of flags. */
int xc_domain_getinfo(void *xch, uint32_t first, unsigned most, void *infos) {
    (void)xch;
    if (first != 0 || most < 1)
        return 0;
    memset(infos, 0, 16);
    return 1;
}
