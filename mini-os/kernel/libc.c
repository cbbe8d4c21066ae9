/* The system calls that newlib needs: memory, the console as standard output, the time. */
#define __TM_GMTOFF tm_gmtoff /* makes newlib's struct tm have this field */
#include <errno.h>
#include <mini-os/clock.h>
#include <mini-os/console.h>
#include <mini-os/panic.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#undef errno
extern int errno;

void *heap_grow(ptrdiff_t increment);

int clock_gettime(clockid_t clock, struct timespec *now);
int close(int file);
int fstat(int file, struct stat *status);
int getpid(void);
int isatty(int file);
int kill(int process, int signal);
void __assert_func(const char *file, int line, const char *function, const char *condition);
off_t lseek(int file, off_t offset, int whence);
int open(const char *name, int flags, ...);

void *sbrk(ptrdiff_t increment) {
    void *old = heap_grow(increment);
    if (!old) {
        errno = ENOMEM;
        return (void *)-1;
    }
    return old;
}

int write(int file, const void *bytes, size_t length) {
    (void)file;
    console_write(bytes, length);
    return length;
}

int read(int file, void *bytes, size_t length) {
    (void)file, (void)bytes, (void)length;
    return 0;
}

int open(const char *name, int flags, ...) {
    (void)name, (void)flags;
    errno = ENOENT;
    return -1;
}

int close(int file) {
    (void)file;
    return 0;
}

int fstat(int file, struct stat *status) {
    (void)file;
    status->st_mode = S_IFCHR;
    return 0;
}

off_t lseek(int file, off_t offset, int whence) {
    (void)file, (void)offset, (void)whence;
    return 0;
}

int isatty(int file) {
    (void)file;
    return 1;
}

int getpid(void) {
    return 1;
}

int kill(int process, int signal) {
    (void)process;
    panic("signal %d", signal);
}

/* newlib's version prints to a file, and would link all of stdio. */
void __assert_func(const char *file, int line, const char *function, const char *condition) {
    panic("%s:%d: %s: not %s", file, line, function, condition);
}

void _exit(int status) {
    if (status)
        panic("exit with status %d", status);
    power_off();
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    uint64_t wall = clock_wall_ns();
    (void)zone;
    now->tv_sec = wall / 1000000000UL;
    now->tv_usec = wall % 1000000000UL / 1000;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    uint64_t time = clock == CLOCK_REALTIME ? clock_wall_ns() : clock_monotonic_ns();
    now->tv_sec = time / 1000000000UL;
    now->tv_nsec = time % 1000000000UL;
    return 0;
}

/* There are no time zones. newlib's version does not set the offset. */
struct tm *localtime_r(const time_t *restrict seconds, struct tm *restrict fields) {
    gmtime_r(seconds, fields);
    fields->tm_gmtoff = 0;
    return fields;
}
