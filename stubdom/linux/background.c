#include "background.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char reason[512];

static const char *fail(const char *what, const char *name) {
    snprintf(reason, sizeof(reason), "%s %s: %s", what, name, strerror(errno));
    return reason;
}

static void complain(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
}

const char *background_begin(int *pipe) {
    int ends[2];
    char byte;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail("making", "a pipe");
    pid_t child = fork();
    if (child < 0)
        return fail("starting", "the daemon");
    if (child > 0) {
        /* The child writes one byte when it serves. If it fails, it closes the pipe. */
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(ends[0]);
    *pipe = ends[1];
    setsid();
    return NULL;
}

void background_ready(int *pipe) {
    if (*pipe < 0)
        return;
    if (write(*pipe, "", 1) != 1)
        complain("telling the parent");
    close(*pipe);
    *pipe = -1;
    /* Release the terminal and the directory; standard error stays the log. */
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        close(null);
    }
    if (chdir("/") != 0)
        complain("/");
}

const char *pid_file_take(const char *path, int *fd) {
    char text[32];
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return fail("opening pid file", path);
    if (lockf(file, F_TLOCK, 0) != 0) {
        close(file);
        return "";
    }
    *fd = file;
    int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(file, 0) != 0 || write(file, text, length) != length)
        return fail("writing pid file", path);
    return NULL;
}

void pid_file_remove(int fd) {
    char link[40], path[PATH_MAX];

    if (fd < 0)
        return;
    /* The path that it was opened with may be relative to another directory, or that of a program
     * before a live update. */
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof(path) - 1);
    path[length < 0 ? 0 : length] = '\0';
    if (unlink(path) != 0)
        complain("removing the pid file");
}
