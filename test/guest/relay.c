/*
 * Joins many streams to one: `lab-relay NAME=FILE...` on a terminal. Lines `NAME HEX` that come in
 * are bytes for FILE, each answered by a line `.` once it is taken; lines `<NAME HEX` go out with
 * bytes of it. A NAME that is not in the list opens /dev/xen/xenbus for itself,
 * `-NAME` closes it again. A FILE that is a guest's console is first read up to its line "the ring
 * begins".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define STREAMS 16
#define LINE (2 * 8192 + 64)

static struct stream {
    char name[16];
    int file; /* -1: free */
} streams[STREAMS];

static void die(const char *what) {
    printf("!%s: %s\n", what, strerror(errno));
    exit(2);
}

static struct stream *named(const char *name) {
    for (int i = 0; i < STREAMS; i++)
        if (streams[i].file >= 0 && strcmp(streams[i].name, name) == 0)
            return &streams[i];
    return NULL;
}

static struct stream *add(const char *name, const char *path) {
    int file = open(path, O_RDWR | O_NOCTTY);
    if (file < 0)
        die(path);
    for (int i = 0; i < STREAMS; i++) {
        if (streams[i].file >= 0)
            continue;
        streams[i].file = file;
        snprintf(streams[i].name, sizeof(streams[i].name), "%s", name);
        return &streams[i];
    }
    errno = EMFILE;
    die(path);
    return NULL;
}

static void make_raw(int file) {
    struct termios mode;
    if (tcgetattr(file, &mode))
        return;
    cfmakeraw(&mode);
    tcsetattr(file, TCSANOW, &mode);
}

/* A guest says so once its console carries nothing else any more. */
static void await_relay(int file) {
    static const char mark[] = "the ring begins\r\n";
    make_raw(file);
    for (size_t at = 0; at < sizeof(mark) - 1;) {
        char c;
        if (read(file, &c, 1) != 1)
            die("a guest's console");
        at = c == mark[at] ? at + 1 : c == mark[0];
    }
}

static void out(const struct stream *stream) {
    unsigned char bytes[4096];
    static char line[2 * sizeof(bytes) + 64];
    ssize_t size = read(stream->file, bytes, sizeof(bytes));
    if (size <= 0)
        die(stream->name);
    int at = sprintf(line, "<%s ", stream->name);
    for (ssize_t i = 0; i < size; i++)
        at += sprintf(line + at, "%02x", bytes[i]);
    puts(line);
}

static int digit(char c) {
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static void take(char *line) {
    struct stream *stream;
    if (line[0] == '-') {
        if ((stream = named(line + 1))) {
            close(stream->file);
            stream->file = -1;
        }
        return;
    }
    char *hex = strchr(line, ' ');
    if (!hex)
        return;
    *hex++ = '\0';
    if (!(stream = named(line)))
        stream = add(line, "/dev/xen/xenbus");
    unsigned char bytes[LINE / 2];
    size_t size = 0;
    for (; hex[0] && hex[1]; hex += 2)
        bytes[size++] = digit(hex[0]) << 4 | digit(hex[1]);
    for (size_t done = 0; done < size;) {
        ssize_t part = write(stream->file, bytes + done, size - done);
        if (part > 0) {
            done += part;
            continue;
        }
        /* The kernel's answer to a WATCH that the store refused. */
        printf("=%s %d\n", stream->name, errno);
        return;
    }
}

int main(int argc, char **argv) {
    static char input[LINE];
    size_t held = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < STREAMS; i++)
        streams[i].file = -1;
    for (int i = 1; i < argc; i++) {
        char *path = strchr(argv[i], '=');
        if (!path)
            continue;
        *path++ = '\0';
        await_relay(add(argv[i], path)->file);
    }
    puts("!ready");
    for (;;) {
        struct pollfd polls[STREAMS + 1] = {{.fd = 0, .events = POLLIN}};
        for (int i = 0; i < STREAMS; i++)
            polls[i + 1] = (struct pollfd){.fd = streams[i].file, .events = POLLIN};
        if (poll(polls, STREAMS + 1, -1) < 0)
            die("poll");
        for (int i = 0; i < STREAMS; i++)
            if (polls[i + 1].revents & POLLIN)
                out(&streams[i]);
        if (!polls[0].revents)
            continue;
        ssize_t size = read(0, input + held, sizeof(input) - 1 - held);
        if (size <= 0)
            return 0;
        held += size;
        input[held] = '\0';
        char *start = input;
        for (char *end; (end = strchr(start, '\n')); start = end + 1) {
            *end = '\0';
            if (strcmp(start, "!end") == 0)
                return 0;
            take(start);
            puts(".");
        }
        held = input + held - start;
        memmove(input, start, held);
    }
}
