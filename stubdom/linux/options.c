#include "options.h"
#include "background.h"
#include "stubdom/platform.h"
#include "stubdom/cmdline.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_RUNDIR "/run/xenstored"

static char reason[512];

static const char *fail(const char *what, const char *name) {
    snprintf(reason, sizeof(reason), "%s %s: %s", what, name, strerror(errno));
    return reason;
}

const char *options_find_socket(struct options *options) {
    static char path[256], tree_file[256];
    const char *rundir = options->given.rundir;
    /* The command line overrides the environment. */
    const char *given = rundir ? NULL : getenv("XENSTORED_PATH");

    if (!rundir)
        rundir = getenv("XENSTORED_RUNDIR");
    if (!rundir)
        rundir = DEFAULT_RUNDIR;
    if (mkdir(rundir, 0755) != 0 && errno != EEXIST)
        return fail("making", rundir);
    snprintf(path, sizeof(path), "%s/socket", rundir);
    snprintf(tree_file, sizeof(tree_file), "%s/db.debug", rundir);
    options->rundir = rundir;
    options->tree_file = tree_file;
    options->socket_path = given ? given : path;
    return NULL;
}

static const char *take(char **words, struct given *given) {
    static const struct cmdline_option table[] = {
#define ROW(field, name, letter, takes) {name, letter, takes, offsetof(struct given, field)},
        OPTIONS_OF_PROCESS(ROW)
#undef ROW
    };
    const char *wrong = cmdline_take(words, table, sizeof(table) / sizeof(table[0]), given);
    if (!wrong)
        return NULL;
    snprintf(reason, sizeof(reason), "option --%s wants a value", wrong);
    return reason;
}

static char *trim(char *text) {
    while (*text && strchr(" \t\r", *text))
        text++;
    for (char *end = text + strlen(text); end > text && strchr(" \t\r", end[-1]);)
        *--end = '\0';
    return text;
}

/* Makes a word of a command line from a line of the file. NULL: an empty line, or no memory. */
static char *word_of(char *line) {
    char *value, *word;
    line[strcspn(line, "#")] = '\0';
    line = trim(line);
    if (!*line)
        return NULL;
    value = strchr(line, '=');
    if (value)
        *value++ = '\0';
    word = malloc(strlen(line) + (value ? strlen(value) : 0) + 4);
    if (word && value)
        sprintf(word, "--%s=%s", trim(line), trim(value));
    else if (word)
        strcpy(word, line);
    return word;
}

/* Puts FILE:LINE in front of the reason. */
static const char *misplaced(const char *file, size_t line) {
    char why[sizeof(reason)];
    strcpy(why, reason);
    snprintf(reason, sizeof(reason), "%.400s:%zu: %.80s", file, line, why);
    return reason;
}

/* FILE:LINE. NULL: no memory. */
static char *place_of(const char *file, size_t line) {
    size_t size = strlen(file) + 24;
    char *place = malloc(size);
    if (place)
        snprintf(place, size, "%s:%zu", file, line);
    return place;
}

/* Reads lines "key = value"; # begins a comment. The command line overrides the file. What is for
 * the program keeps the place where it stands, so that a mistake can be found. */
static const char *read_file(struct options *options) {
    struct given in_file = {NULL}, on_line = options->given;
    size_t size, count = 0, number = 0, rest = 0;
    char *text = (char *)platform_read_file(on_line.config_file, &size);
    if (!text)
        return fail("reading", on_line.config_file);
    text[size] = '\0';
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    options->file_rest = calloc(count + 2, sizeof(char *));
    options->file_places = calloc(count + 2, sizeof(char *));
    if (!options->file_rest || !options->file_places)
        return "no memory for the configuration";
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        char *word[] = {word_of(line), NULL};
        if (take(word, &in_file)) {
            free(text);
            return misplaced(on_line.config_file, number);
        }
        if (!word[0])
            continue;
        options->file_rest[rest] = word[0];
        options->file_places[rest] = place_of(on_line.config_file, number);
        if (!options->file_places[rest++])
            return "no memory for the configuration";
    }
    free(text);
#define PREFER(field, name, letter, takes)                                                         \
    if (!on_line.field)                                                                            \
        options->given.field = in_file.field;
    OPTIONS_OF_PROCESS(PREFER)
#undef PREFER
    return NULL;
}

const char *options_take(int argc, char **argv, struct options *options) {
    *options = (struct options){.ready_pipe = -1, .pid_file_fd = -1};
    options->rest = argv + (argc > 0);
    const char *wrong = take(options->rest, &options->given);
    return wrong || !options->given.config_file ? wrong : read_file(options);
}

const char *options_know(char **words) {
    static const struct {
        const char *name;
        bool takes;
    } known[] = {
#define ROW(name, takes) {name, takes},
        OPTIONS_OF_STORE(ROW)
#undef ROW
    };
    for (char **word = words; *word; word++) {
        if (strncmp(*word, "--", 2) != 0)
            continue;
        const char *name = *word + 2;
        size_t length = strcspn(name, "="), i = 0, count = sizeof(known) / sizeof(known[0]);
        while (i < count &&
               (strncmp(known[i].name, name, length) != 0 || known[i].name[length] != '\0'))
            i++;
        if (i == count) {
            snprintf(reason, sizeof(reason), "unknown option: %.400s", *word);
            return reason;
        }
        /* Its value is the next word. */
        if (known[i].takes && !name[length] && word[1])
            word++;
    }
    return NULL;
}

static const char *take_pid_file(struct options *options) {
    const char *path = options->given.pid_file;
    return path ? pid_file_take(path, &options->pid_file_fd) : NULL;
}

const char *options_become_daemon(struct options *options) {
    /* A closed log must not end the daemon. */
    signal(SIGPIPE, SIG_IGN);
    if (options->given.no_fork)
        return take_pid_file(options);
    const char *wrong = background_begin(&options->ready_pipe);
    if (wrong)
        return wrong;
    wrong = take_pid_file(options);
    if (wrong && !*wrong)
        options_ready(options);
    return wrong;
}

void options_take_over(struct options *options, int pid_file_fd) {
    signal(SIGPIPE, SIG_IGN);
    options->pid_file_fd = pid_file_fd;
}

const char *options_take_over_c(struct options *options) {
    options_take_over(options, -1);
    return take_pid_file(options);
}

void options_ready(struct options *options) {
    background_ready(&options->ready_pipe);
}

void options_end(struct options *options) {
    pid_file_remove(options->pid_file_fd);
}
