#include "handover.h"
#include "c_xenstored.h"
#include "evtchn.h"
#include "socket.h"
#include "stubdom/state/outages.h"
#include "stubdom/state/update.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PID_FILE "--pid-file="

static struct options *options;
static const struct domain_backend *backend;

/* The command line before options were taken out of it, without those of a live update; for
 * the next executable. */
static char **words_before;

static bool is_of_update(const char *word) {
    static const char *const begins[] = {TAKE_OVER, "--on-failure=", "--rehearse", "--live-update",
                                         "-U"};
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (strncmp(word, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

bool handover_keep_words(int argc, char **argv) {
    words_before = calloc(argc + 1, sizeof(*words_before));
    int kept = 0;
    for (int i = 1; words_before && i < argc; i++)
        if (!is_of_update(argv[i]) && !(words_before[kept++] = strdup(argv[i])))
            return false;
    return words_before != NULL;
}

/* C xenstored was this process before, and its state is still in its file. */
static bool adopting;

void handover_failed(const char *why) {
    if (!adopting)
        return;
    adopting = false;
    if (backend && backend->leave)
        backend->leave(true);
    const char *wrong = c_xenstored_return(options->given.on_failure, words_before, why);
    platform_log(wrong, strlen(wrong));
}

void handover_done(void) {
    if (adopting)
        c_xenstored_done();
    adopting = false;
}

const char *handover_take(struct options *of, struct platform_config *config,
                          struct inherited *inherited) {
    options = of;
    if (of->given.take_over) {
        config->origin = ORIGIN_PREDECESSOR;
        return replace_open(of->given.take_over, inherited);
    }
    if (!of->given.live_update)
        return NULL;
    config->origin = ORIGIN_C_XENSTORED;
    /* C xenstored has stopped a moment ago. */
    outage_begin(OUTAGE_TAKEOVER, "from C xenstored");
    const char *wrong = c_xenstored_open(of->given.rundir, inherited);
    adopting = !wrong && !config->testing;
    if (adopting)
        wrong = c_xenstored_trial(words_before);
    return !wrong && adopting && of->given.rehearse ? C_XENSTORED_REHEARSED : wrong;
}

const char *handover_take_process(struct options *of, int pid_file_fd) {
    if (adopting)
        return options_take_over_c(of);
    if (!of->given.take_over)
        return options_become_daemon(of);
    options_take_over(of, pid_file_fd);
    return NULL;
}

void handover_begin(struct options *of, const struct domain_backend *with) {
    options = of;
    backend = with;
}

const char *platform_replacement(const char *path, unsigned *foreign) {
    bool is_c;
    *foreign = 0;
    if (!backend->moves)
        return "Simulated domains stay with their process.";
    const char *wrong = replace_look(path, &is_c);
    if (wrong)
        return wrong;
    return is_c ? c_xenstored_check(path, foreign) : replace_check(path);
}

const char *platform_image(uint8_t **file, size_t *size) {
    (void)file, (void)size;
    return "There is no image here that another could replace.";
}

/* The words for C xenstored, with the pid file, which only this process knows of. NULL: no memory.
 */
static char **words_for_c(char **args) {
    static char pid_file[256];
    size_t count = 0;
    bool has_pid_file = !options->given.pid_file;
    for (; args && args[count]; count++)
        has_pid_file |= strncmp(args[count], PID_FILE, strlen(PID_FILE)) == 0;
    char **words = calloc(count + 2, sizeof(*words));
    if (!words)
        return NULL;
    for (size_t i = 0; i < count; i++)
        words[i] = args[i];
    snprintf(pid_file, sizeof(pid_file), PID_FILE "%s",
             has_pid_file ? "" : options->given.pid_file);
    words[count] = has_pid_file ? NULL : pid_file;
    return words;
}

static const char *become_c_xenstored(const char *path, char **args) {
    char **words = words_for_c(args);
    if (!words)
        return "Allocation failure.";
    if (backend->leave)
        backend->leave(true);
    const char *wrong = c_xenstored_become(path, words, options->rundir, socket_fd(), evtchn_fd());
    if (backend->leave)
        backend->leave(false);
    free(words);
    return wrong;
}

const char *platform_replace(const char *path, char **args) {
    struct inherited inherited = {.listen_fd = socket_fd(), .pid_file_fd = options->pid_file_fd};
    if (update_foreign())
        return become_c_xenstored(path, args);
    return replace_process(path, args ? args : words_before, &inherited);
}

int platform_adopt(int domid, int handle) {
    return domid < 0 ? socket_take(handle) : backend->adopt(domid, handle);
}

void platform_descriptors(int *listener, int *device) {
    *listener = socket_fd();
    *device = evtchn_fd();
}
