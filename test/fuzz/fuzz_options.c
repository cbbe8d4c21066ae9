/*
 * Options: words of a command line and a configuration file, taken by the process's part and then
 * by the daemon's. A bit of the first byte says whether the daemon is started with what is left.
 */
#include "../../stubdom/linux/options.h"
#include "daemon.h"
#include "history.h"
#include "script.h"
#include <stdlib.h>
#include <string.h>

#define WORDS_MOST 12

static char *words[WORDS_MOST + 2];

/* The last byte of the first says how many words follow, each behind its length. */
static int take_words(struct script *script, unsigned count) {
    int at = 0;
    words[at++] = strdup("xenstored");
    for (unsigned i = 0; i < count; i++) {
        size_t length;
        const uint8_t *bytes = script_counted(script, &length);
        words[at++] = strndup((const char *)bytes, length);
    }
    words[at] = NULL;
    return at;
}

static bool simulate(unsigned domid, unsigned state) {
    (void)domid, (void)state;
    return false;
}

static void start(struct options *options, uint8_t how) {
    daemon_config.args = options->rest;
    daemon_config.file_args = options->file_rest;
    daemon_config.file_places = options->file_places;
    daemon_config.strict = how & 2;
    daemon_config.testing = how & 4;
    daemon_config.simulate = how & 8 ? simulate : NULL;
    history_begin();
    fuzz_domains_reset();
    if (!daemon_start() && !daemon_config.testing) {
        daemon_turns();
        daemon_check_garbage();
    }
    daemon_check_log();
    daemon_stop();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    struct script script = {input, input + size};
    struct options options;
    uint8_t how = script_byte(&script);
    char *given[WORDS_MOST + 1];
    int count = take_words(&script, script_byte(&script) % WORDS_MOST);
    memcpy(given, words + 1, sizeof(given));
    fuzz_files = how & 16;
    fuzz_file = how & 32 ? NULL : script.at;
    fuzz_file_size = script.end - script.at;
    const char *wrong = options_take(count, words, &options);
    if (!wrong && how & 1)
        start(&options, how);
    for (char **word = options.file_rest; word && *word; word++)
        free(*word);
    for (char **place = options.file_places; place && *place; place++)
        free(*place);
    free(options.file_rest);
    free(options.file_places);
    free(words[0]);
    for (int i = 0; i < count - 1; i++)
        free(given[i]);
    return 0;
}
