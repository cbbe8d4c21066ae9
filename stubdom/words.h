/* Words of a command line: those that are taken below, and those that are the daemon's. */
#ifndef STUBDOM_WORDS_H
#define STUBDOM_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/** An option; lists of them are made from the daemon's table (build/options.mjs). */
struct word_option {
    const char *name;
    char letter;  /* 0: none */
    bool takes;   /* it has an argument */
    size_t field; /* where its value, a const char *, is kept: "" for one without an argument */
};

/**
 * Takes these options out of words that are ended by NULL; the others move up. NULL, or the name of
 * one whose argument is missing.
 */
const char *words_take(char **words, const struct word_option *options, unsigned count,
                       void *values);

#endif
