/*
 * Speaks xenstore's wire protocol itself, to measure a store and to say things that the stock
 * clients cannot. PATH is /dev/xen/xenbus or a unix socket.
 *
 *   lab-wire PATH ping COUNT     median microseconds of COUNT writes and COUNT reads
 *   lab-wire PATH fill BASE MOST writes nodes BASE/0... until refused or MOST are there; prints how
 *                                many and why
 *   lab-wire PATH writes BASE N  the same, but for refusals: it goes on; prints how many went
 *                                through, and the last error or -
 *   lab-wire PATH count BASE N   reads BASE/0 ... BASE/N-1 back; prints how many are right
 *   lab-wire PATH insist BASE N  writes and reads N times, again whenever a failure refuses it;
 *                                prints how many came out right
 *   lab-wire PATH ask TYPE WORD...  one request, each word ended by a NUL; prints the reply's
 * payload lab-wire - run COMMAND...    runs a command; prints its milliseconds, exits as it does
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READ = 2, WRITE = 11, ERROR = 16, PAYLOAD = 4096 };

struct header {
    uint32_t type, request, transaction, length;
};

static int fd;
static char reply[PAYLOAD + 1];

static void fail(const char *what) {
    fprintf(stderr, "lab-wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void get(void *to, size_t bytes) {
    for (size_t had = 0; had < bytes;) {
        ssize_t n = read(fd, (char *)to + had, bytes - had);
        if (n <= 0)
            fail("read");
        had += (size_t)n;
    }
}

/* One request and its reply, which is left in `reply`; returns the reply's type. */
static uint32_t ask(uint32_t type, const char *payload, size_t length) {
    static char out[sizeof(struct header) + PAYLOAD];
    struct header h = {type, 0, 0, (uint32_t)length};
    memcpy(out, &h, sizeof h);
    memcpy(out + sizeof h, payload, length);
    if (write(fd, out, sizeof h + length) != (ssize_t)(sizeof h + length))
        fail("write");
    get(&h, sizeof h);
    if (h.length > PAYLOAD) {
        errno = EPROTO;
        fail("reply");
    }
    get(reply, h.length);
    reply[h.length] = 0;
    return h.type;
}

static void open_store(const char *path) {
    struct stat st;
    if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
            fail(path);
    } else if ((fd = open(path, O_RDWR)) < 0)
        fail(path);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(uint32_t type, const char *payload, size_t length, int count) {
    double *took = malloc(sizeof *took * (size_t)count);
    for (int i = 0; i < count; i++) {
        double start = now();
        if (ask(type, payload, length) == ERROR) {
            fprintf(stderr, "lab-wire: answered %s\n", reply);
            exit(1);
        }
        took[i] = now() - start;
    }
    qsort(took, (size_t)count, sizeof *took, ascending);
    double median = took[count / 2];
    free(took);
    return median;
}

static size_t node(char *to, const char *base, long i) {
    return (size_t)snprintf(to, 512, "%s/%ld", base, i);
}

/* Again and again where it failed and nothing was done. */
static uint32_t insist(uint32_t type, const char *payload, size_t length) {
    uint32_t answer = ERROR;
    for (int n = 0; n < 20 && answer == ERROR; n++) {
        answer = ask(type, payload, length);
        if (answer == ERROR && strcmp(reply, "EIO") != 0 && strcmp(reply, "ENOMEM") != 0)
            break;
    }
    return answer;
}

int main(int argc, char **argv) {
    char text[1024];
    if (argc < 4) {
        fprintf(stderr, "usage: lab-wire PATH ping COUNT | fill BASE MOST | writes BASE N | count "
                        "BASE N | insist BASE N | "
                        "ask TYPE WORD..., or lab-wire - run COMMAND\n");
        return 2;
    }
    if (strcmp(argv[2], "run") == 0) {
        double start = now();
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            execvp(argv[3], argv + 3);
            _exit(127);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0)
            fail("run");
        printf("%.0f\n", (now() - start) / 1e3);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
    open_store(argv[1]);
    if (strcmp(argv[2], "ping") == 0) {
        /* 37 bytes with the path: what a device's state change looks like. */
        static const char write_it[] = "/bench/node\0twenty-five bytes of value.";
        int count = atoi(argv[3]);
        double writes = median_of(WRITE, write_it, sizeof write_it - 1, count);
        double reads = median_of(READ, write_it, sizeof "/bench/node", count);
        printf("%.0f %.0f\n", writes, reads);
        return 0;
    }
    if (strcmp(argv[2], "ask") == 0) {
        size_t length = 0;
        for (int i = 4; i < argc; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s", argv[i]) + 1;
        ask((uint32_t)atoi(argv[3]), text, length);
        puts(reply);
        return 0;
    }
    const char *base = argv[3];
    long limit = argc > 4 ? atol(argv[4]) : 0, i;
    if (strcmp(argv[2], "fill") == 0) {
        for (i = 0; i < limit; i++) {
            size_t length = node(text, base, i) + 1;
            length += (size_t)sprintf(text + length, "value-%ld", i);
            if (ask(WRITE, text, length) == ERROR)
                break;
        }
        printf("%ld %s\n", i, i < limit ? reply : "-");
        return 0;
    }
    if (strcmp(argv[2], "writes") == 0) {
        char error[16] = "-";
        long done = 0;
        for (i = 0; i < limit; i++) {
            size_t length = node(text, base, i) + 1;
            length += (size_t)sprintf(text + length, "value-%ld", i);
            if (ask(WRITE, text, length) == WRITE)
                done++;
            else
                snprintf(error, sizeof error, "%.15s", reply);
        }
        printf("%ld %s\n", done, error);
        return 0;
    }
    if (strcmp(argv[2], "count") == 0) {
        long right = 0;
        for (i = 0; i < limit; i++) {
            char expected[32];
            sprintf(expected, "value-%ld", i);
            if (ask(READ, text, node(text, base, i) + 1) == READ && strcmp(reply, expected) == 0)
                right++;
        }
        printf("%ld\n", right);
        return 0;
    }
    if (strcmp(argv[2], "insist") == 0) {
        long right = 0;
        for (i = 0; i < limit; i++) {
            char expected[32];
            size_t path = node(text, base, i % 10) + 1;
            size_t length = path + (size_t)sprintf(text + path, "round-%ld", i);
            sprintf(expected, "round-%ld", i);
            if (insist(WRITE, text, length) == WRITE && insist(READ, text, path) == READ &&
                strcmp(reply, expected) == 0)
                right++;
        }
        printf("%ld\n", right);
        return 0;
    }
    fprintf(stderr, "lab-wire: unknown command %s\n", argv[2]);
    return 2;
}
