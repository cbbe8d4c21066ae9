#include "c_xenstored.h"
#include "stubdom/platform.h"
#include "stubdom/state/update.h"
#include "domains.h"
#include "replace.h"
#include "whole_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_NAME "state_dump"
#define RESULT_NAME "live-update-result"
/* Where the stream has the record with the descriptors (docs/designs/xenstore-migration.md). */
#define GLOBAL_AT 16
#define GLOBAL_TYPE 1
#define FILE_MOST (1 << 30)

struct global {
    uint32_t type, length;
    int32_t listen_fd, evtchn_fd;
};

static char state_file[256], reason[512];
static int listen_fd = -1, evtchn_fd = -1;

static const char *fail(const char *what, const char *name) {
    snprintf(reason, sizeof(reason), "%s %s: %s", what, name, strerror(errno));
    return reason;
}

/* --- from C xenstored --- */

static bool listens(int fd) {
    int value = 0;
    socklen_t length = sizeof(value);
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value;
}

/* A file that nobody has left to this process names descriptors that are not open here. */
static bool take_file(const char *rundir, struct inherited *inherited) {
    struct global global;
    size_t size;
    snprintf(state_file, sizeof(state_file), "%s/" STATE_NAME, rundir);
    uint8_t *bytes = platform_read_file(state_file, &size);
    if (!bytes)
        return false;
    bool good = size > GLOBAL_AT + sizeof(global);
    if (good) {
        memcpy(&global, bytes + GLOBAL_AT, sizeof(global));
        good = global.type == GLOBAL_TYPE && listens(global.listen_fd) &&
               (global.evtchn_fd < 0 || fcntl(global.evtchn_fd, F_GETFD) >= 0) &&
               update_save((const char *)bytes, size);
    }
    free(bytes);
    if (good) {
        inherited->listen_fd = listen_fd = global.listen_fd;
        inherited->evtchn_fd = evtchn_fd = global.evtchn_fd;
    }
    return good;
}

const char *c_xenstored_open(const char *rundir, struct inherited *inherited) {
    const char *usual[] = {rundir, getenv("XENSTORED_RUNDIR"), "/run/xenstored",
                           "/var/run/xenstored"};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (usual[i] && take_file(usual[i], inherited))
            return NULL;
    state_file[0] = '\0';
    return "-U: no xenstored has left its state to this process";
}

const char *c_xenstored_trial(char **words) {
    return replace_trial("/proc/self/exe", words, "-U");
}

static void keep_open(bool keep) {
    replace_keep_sockets(keep);
    replace_keep_open(listen_fd, keep);
    replace_keep_open(evtchn_fd, keep);
}

/* Beside the state. */
static const char *result_file(void) {
    static char path[sizeof(state_file) + sizeof(RESULT_NAME)];
    size_t directory = strlen(state_file) - strlen(STATE_NAME);
    snprintf(path, sizeof(path), "%.*s" RESULT_NAME, (int)directory, state_file);
    return path;
}

void c_xenstored_done(void) {
    keep_open(false);
    unlink(result_file());
    unlink(state_file);
}

/* Where distributions have it. */
static const char *of_this_xen(void) {
    static char path[128];
    static const char *const usual[] = {"/usr/lib/xen-%s/bin/xenstored",
                                        "/usr/lib/xen/bin/xenstored",
                                        "/usr/libexec/xen/bin/xenstored", "/usr/sbin/xenstored"};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        snprintf(path, sizeof(path), usual[i], domains_xen_version());
        bool is_c;
        if (!replace_look(path, &is_c) && is_c)
            return path;
    }
    return NULL;
}

/* Who asked for the update is told OK by C xenstored, whatever comes of it. */
static void leave_reason(const char *why) {
    const char *path = result_file();
    if (!whole_file_begin(path) && !whole_file_add(why, strlen(why)) && !whole_file_add("\n", 1))
        whole_file_end(true);
}

/* Executes it with -U. Returns only on failure; then the state file is still there. */
static const char *execute(const char *path, char **words) {
    size_t count = 0;
    while (words && words[count])
        count++;
    char **all = calloc(count + 3, sizeof(*all));
    if (!all)
        return "Allocation failure.";
    all[0] = (char *)path;
    for (size_t i = 0; i < count; i++)
        all[i + 1] = words[i];
    all[count + 1] = "-U";
    keep_open(true);
    execv(path, all);
    const char *wrong = fail("becoming", path);
    keep_open(false);
    free(all);
    return wrong;
}

const char *c_xenstored_return(const char *path, char **words, const char *why) {
    leave_reason(why);
    if (!path)
        path = of_this_xen();
    return path ? execute(path, words) : "C xenstored is not found (--on-failure)";
}

/* --- to C xenstored --- */

/* A xenstored that cannot be updated would begin anew, with nothing. Its file has the texts of what
 * it can do. A script is believed to execute one that can. */
const char *c_xenstored_check(const char *path, unsigned *version) {
    size_t size;
    char *bytes = (char *)platform_read_file(path, &size);
    if (!bytes)
        return "File not accessible.";
    bool script = size > 2 && memcmp(bytes, "#!", 2) == 0;
    bool reads = script || memmem(bytes, size, STATE_NAME, strlen(STATE_NAME));
    /* From Xen 4.21 on the help of the command names it. */
    *version = memmem(bytes, size, "[-v <version>]", 14) ? 2 : 1;
    free(bytes);
    return reads ? NULL : "This xenstored cannot be live updated.";
}

static bool is_rehearsal(char **words) {
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], "--rehearse") == 0)
            return true;
    return false;
}

/* Another process of this program reads what C xenstored would read. */
static const char *rehearse(void) {
    char *none[] = {"--no-fork", NULL};
    keep_open(true);
    const char *wrong = c_xenstored_trial(none);
    keep_open(false);
    return wrong ? wrong : C_XENSTORED_REHEARSED;
}

const char *c_xenstored_become(const char *path, char **words, const char *rundir, int listener,
                               int device) {
    listen_fd = listener;
    evtchn_fd = device;
    snprintf(state_file, sizeof(state_file), "%s/" STATE_NAME, rundir);
    const char *wrong = update_write(state_file);
    if (wrong)
        return wrong;
    setenv("XENSTORED_RUNDIR", rundir, 1);
    wrong = is_rehearsal(words) ? rehearse() : execute(path, words);
    unlink(state_file);
    return wrong;
}
