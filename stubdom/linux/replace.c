#include "replace.h"
#include "stubdom/transport/link.h"
#include "stubdom/state/outages.h"
#include "stubdom/state/update.h"
#include "socket.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* As C xenstored says it. */
#define UNKNOWN "Error activating new binary."
/* The beginnings of what the two kinds of xenstored say to --help. */
#define OWN_HELP "usage: xenstored [OPTION]"
#define C_XENSTORED_HELP "  xenstored <options>"
#define MAGIC "XSTSOVER"
#define VERSION 3
/* Time limit of a trial, in tenths of a millisecond. */
#define SUCCESSOR_TIMEOUT 600000

/* The header of the memory file. */
struct lead {
    char magic[8];
    uint32_t version;
    int32_t listen_fd, pid_file_fd;
    uint32_t links;
    uint64_t links_size, state_size; /* bytes that follow, in this order */
    struct outages outages;
};

struct saved_link {
    int32_t number, domid, fd; /* domid -1: a socket */
    uint32_t remote;
    uint32_t open;
    uint32_t in, out; /* bytes that follow */
    uint32_t begun;   /* bytes of `out` that belong to a message begun */
};

static char reason[256];

static const char *fail(const char *what, const char *name) {
    snprintf(reason, sizeof(reason), "%s %s: %s", what, name, strerror(errno));
    return reason;
}

/* --- the old executable --- */

static bool put(int fd, const void *bytes, size_t length) {
    return !length || write(fd, bytes, length) == (ssize_t)length;
}

void replace_keep_open(int fd, bool keep) {
    if (fd >= 0)
        fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

void replace_keep_sockets(bool keep) {
    struct link_state state;
    for (int from = 0; link_export(from, &state); from = state.link + 1)
        if (link_endpoint(state.link)->domid < 0)
            replace_keep_open(link_endpoint(state.link)->fd, keep);
}

static bool put_links(int fd, struct lead *lead) {
    struct link_state state;
    for (int from = 0; link_export(from, &state); from = state.link + 1) {
        const struct endpoint *endpoint = link_endpoint(state.link);
        struct saved_link saved = {.number = state.link,
                                   .domid = endpoint->domid,
                                   .fd = endpoint->domid < 0 ? endpoint->fd : -1,
                                   .remote = endpoint->remote,
                                   .open = state.open,
                                   .in = (uint32_t)state.in_length,
                                   .out = (uint32_t)state.out_length,
                                   .begun = (uint32_t)state.out_begun};
        if (!put(fd, &saved, sizeof(saved)) || !put(fd, state.in, state.in_length) ||
            !put(fd, state.out, state.out_length))
            return false;
        lead->links++;
        lead->links_size += sizeof(saved) + state.in_length + state.out_length;
    }
    return true;
}

static bool put_all(int fd, const struct inherited *inherited) {
    struct lead lead = {.magic = MAGIC,
                        .version = VERSION,
                        .listen_fd = inherited->listen_fd,
                        .pid_file_fd = inherited->pid_file_fd,
                        .state_size = update_saved(),
                        .outages = outages};
    const char *bytes;
    size_t length;
    if (!put(fd, &lead, sizeof(lead)) || !put_links(fd, &lead))
        return false;
    while (update_restore(&bytes, &length))
        if (!put(fd, bytes, length))
            return false;
    return pwrite(fd, &lead, sizeof(lead), 0) == sizeof(lead);
}

/* The command line of the new executable: its path, `words`, `take_over`, `more`. */
static char **words_of(const char *path, char **words, const char *take_over, const char *more) {
    size_t count = 0, at = 0;
    while (words[count])
        count++;
    char **all = calloc(count + 4, sizeof(*all));
    if (!all)
        return NULL;
    all[at++] = (char *)path;
    for (size_t i = 0; i < count; i++)
        all[at++] = words[i];
    all[at++] = (char *)take_over;
    all[at] = (char *)more;
    return all;
}

static const char *wait_for(pid_t child) {
    const struct timespec pause = {.tv_nsec = 100000};
    int status = 0;
    for (int n = 0; n < SUCCESSOR_TIMEOUT; n++) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : UNKNOWN;
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return "The new binary does not end its trial.";
}

/* Runs the executable, and keeps the first bytes of what it says, to standard error too if `all`. A
 * memory file takes it, so neither of the two waits for the other. */
static const char *run(const char *path, char **words, bool all, char *said, size_t room) {
    int out = memfd_create("output", MFD_CLOEXEC);
    if (out < 0)
        return fail("starting", path);
    pid_t child = fork();
    if (child == 0) {
        dup2(out, STDOUT_FILENO);
        if (all)
            dup2(out, STDERR_FILENO);
        execv(path, words);
        _exit(127);
    }
    const char *wrong = child < 0 ? fail("starting", path) : wait_for(child);
    ssize_t length = pread(out, said, room - 1, 0);
    said[length > 0 ? length : 0] = '\0';
    close(out);
    return wrong;
}

/* Checks its exit status and the beginning of its output: another program may ignore its options
 * and end with success. */
static const char *try(const char *path, char **words, const char *expected) {
    char said[64];
    const char *wrong = run(path, words, false, said, sizeof(said));
    if (!wrong && strncmp(said, expected, strlen(expected)) != 0)
        wrong = UNKNOWN;
    return wrong;
}

const char *replace_look(const char *path, bool *is_c) {
    struct stat about;
    char said[512];
    char *words[] = {(char *)path, "--help", NULL};
    *is_c = false;
    if (stat(path, &about) != 0)
        return "File not accessible.";
    if (!S_ISREG(about.st_mode) || access(path, X_OK) != 0)
        return "File not executable.";
    const char *wrong = run(path, words, true, said, sizeof(said));
    if (wrong)
        return wrong;
    *is_c = strstr(said, C_XENSTORED_HELP) != NULL;
    return *is_c || strncmp(said, OWN_HELP, strlen(OWN_HELP)) == 0 ? NULL : UNKNOWN;
}

const char *replace_check(const char *path) {
    char *words[] = {(char *)path, "--version", NULL};
    return try(path, words, "xenstore-ts ");
}

const char *replace_trial(const char *path, char **words, const char *takes) {
    char **all = words_of(path, words, takes, "--config-test");
    const char *wrong = all ? try(path, all, "Configuration valid") : "Allocation failure.";
    free(all);
    return wrong;
}

const char *replace_process(const char *path, char **words, const struct inherited *inherited) {
    char take_over[32];
    int fd = memfd_create("xenstored", 0);
    if (fd < 0)
        return fail("keeping", "the state");
    snprintf(take_over, sizeof(take_over), TAKE_OVER "%d", fd);
    char **real = words_of(path, words, take_over, NULL);
    const char *wrong = real ? NULL : "Allocation failure.";
    if (!wrong && !put_all(fd, inherited))
        wrong = fail("keeping", "the state");
    if (!wrong)
        wrong = replace_trial(path, words, take_over);
    if (!wrong) {
        replace_keep_sockets(true);
        replace_keep_open(inherited->listen_fd, true);
        replace_keep_open(inherited->pid_file_fd, true);
        execv(path, real);
        wrong = fail("becoming", path);
        replace_keep_sockets(false);
        replace_keep_open(inherited->listen_fd, false);
        replace_keep_open(inherited->pid_file_fd, false);
    }
    free(real);
    close(fd);
    return wrong;
}

/* --- the new executable --- */

const char *replace_open(const char *text, struct inherited *inherited) {
    struct stat about;
    struct lead lead;
    int fd = atoi(text);
    if (fstat(fd, &about) != 0 || (size_t)about.st_size < sizeof(lead))
        return "there is nothing to take over";
    /* Mapped, because a read in a trial would move the offset that both processes share. */
    const char *bytes = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return fail("taking over", text);
    memcpy(&lead, bytes, sizeof(lead));
    if (memcmp(lead.magic, MAGIC, sizeof(lead.magic)) != 0 || lead.version != VERSION ||
        sizeof(lead) + lead.links_size + lead.state_size != (uint64_t)about.st_size)
        return "what is to be taken over is of another kind";
    outages = lead.outages;
    inherited->listen_fd = lead.listen_fd;
    inherited->pid_file_fd = lead.pid_file_fd;
    inherited->links = bytes + sizeof(lead);
    inherited->end = inherited->links + lead.links_size;
    inherited->link_count = lead.links;
    close(fd);
    return update_save(inherited->end, lead.state_size) ? NULL : "no memory for the state";
}

static bool open_link(const struct saved_link *saved, int (*open)(unsigned domid, unsigned port)) {
    if (saved->domid < 0) {
        replace_keep_open(saved->fd, false);
        return socket_link(saved->number, saved->fd);
    }
    return link_number(saved->number) &&
           open((unsigned)saved->domid, saved->remote) == saved->number;
}

const char *replace_links(const struct inherited *inherited,
                          int (*open)(unsigned domid, unsigned port)) {
    const char *at = inherited->links;
    replace_keep_open(inherited->listen_fd, false);
    replace_keep_open(inherited->pid_file_fd, false);
    for (unsigned n = 0; n < inherited->link_count; n++) {
        struct saved_link saved;
        if ((size_t)(inherited->end - at) < sizeof(saved))
            return "the links end in the middle";
        memcpy(&saved, at, sizeof(saved));
        at += sizeof(saved);
        if ((size_t)(inherited->end - at) < (size_t)saved.in + saved.out)
            return "the links end in the middle";
        struct link_state state = {.link = saved.number,
                                   .open = saved.open,
                                   .in = at,
                                   .out = at + saved.in,
                                   .in_length = saved.in,
                                   .out_length = saved.out,
                                   .out_begun = saved.begun};
        at += saved.in + saved.out;
        /* The ring of a domain that has died meanwhile cannot be opened: leave it out. */
        if (open_link(&saved, open) && !link_import(&state))
            return "no memory for the links";
    }
    return NULL;
}
