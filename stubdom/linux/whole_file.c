#include "whole_file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNIQUE ".XXXXXX"

static struct {
    int fd; /* -1: none is being written */
    char path[PATH_MAX], beside[PATH_MAX + sizeof(UNIQUE)];
} file = {.fd = -1};

static const char *drop(int error) {
    static char reason[128];
    if (file.fd >= 0) {
        close(file.fd);
        unlink(file.beside);
    }
    file.fd = -1;
    snprintf(reason, sizeof(reason), "%s.", strerror(error));
    return reason;
}

/* Only a regular file may be replaced: no device, pipe or symbolic link. */
static bool may_replace(const char *path) {
    struct stat about;
    return lstat(path, &about) != 0 ? errno == ENOENT : S_ISREG(about.st_mode);
}

const char *whole_file_begin(const char *path) {
    if (file.fd >= 0)
        drop(EBUSY);
    if (strlen(path) >= sizeof(file.path) || !may_replace(path))
        return "File not accessible.";
    strcpy(file.path, path);
    snprintf(file.beside, sizeof(file.beside), "%s" UNIQUE, path);
    /* A new file with mode 0600. */
    file.fd = mkostemp(file.beside, O_CLOEXEC);
    return file.fd >= 0 ? NULL : "File not accessible.";
}

const char *whole_file_add(const char *bytes, size_t length) {
    while (file.fd >= 0 && length > 0) {
        ssize_t written = write(file.fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return drop(written < 0 ? errno : EIO);
        bytes += written;
        length -= written;
    }
    return file.fd >= 0 ? NULL : "File not accessible.";
}

const char *whole_file_end(bool whole) {
    if (file.fd < 0 || !whole)
        return drop(EIO);
    int closed = close(file.fd);
    file.fd = -1;
    if (closed == 0 && rename(file.beside, file.path) == 0)
        return NULL;
    int error = errno;
    unlink(file.beside);
    return drop(error);
}
