/* Words of a command line: those that are taken below, and those that are the daemon's. */
#ifndef STUBDOM_CMDLINE_H
#define STUBDOM_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/** An option; lists of them are made from the daemon's table (build/options.mjs). */
struct cmdline_option {
    const char *name;
    char letter;  /* 0: none */
    bool takes;   /* it has an argument */
    size_t field; /* where its value, a const char *, is kept: "" for one without an argument */
};

/**
 * Takes these options out of words that are ended by NULL; the others move up. NULL, or the name of
 * one whose argument is missing.
 */
const char *cmdline_take(char **words, const struct cmdline_option *options, unsigned count,
                         void *values);

#endif
