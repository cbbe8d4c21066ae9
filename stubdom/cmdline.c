#include "cmdline.h"
#include <string.h>

static bool is_off(const char *text) {
    static const char *const off[] = {"false", "no", "off", "0"};
    for (unsigned i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        if (strcmp(text, off[i]) == 0)
            return true;
    return false;
}

/* "--name", "--name=value", "-x", "-xvalue". *value: the value within the word, or NULL. */
static bool is_option(const char *word, const struct cmdline_option *option, const char **value) {
    size_t length = strlen(option->name);
    *value = NULL;
    if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, option->name, length) == 0) {
        if (word[2 + length] == '=')
            *value = word + 2 + length + 1;
        return *value || !word[2 + length];
    }
    if (!option->letter || word[0] != '-' || word[1] != option->letter)
        return false;
    if (word[2])
        *value = word + 2;
    return option->takes || !*value;
}

const char *cmdline_take(char **words, const struct cmdline_option *options, unsigned count,
                         void *values) {
    char **to = words;
    for (char **word = words; *word; word++) {
        const struct cmdline_option *option = NULL;
        const char *value;
        for (unsigned i = 0; i < count && !option; i++)
            if (is_option(*word, &options[i], &value))
                option = &options[i];
        if (!option) {
            *to++ = *word;
            continue;
        }
        if (!option->takes)
            value = value && is_off(value) ? NULL : "";
        else if (!value && !(value = *++word))
            return option->name;
        memcpy((char *)values + option->field, &value, sizeof(value));
    }
    *to = NULL;
    return NULL;
}
