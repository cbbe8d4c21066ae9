/* Takes the platform's options out of a command line; the rest are the program's. */
#ifndef STUBDOM_CMDLINE_H
#define STUBDOM_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/** An option. build/options.mjs makes the lists from the program's table. */
struct cmdline_option {
    const char *name;
    char letter;  /* 0: none */
    bool takes;   /* an argument follows */
    size_t field; /* offset in `values` of its value, a const char *; "" without an argument */
};

/**
 * Removes these options from `words`, which NULL ends, and stores their values in `values`. An
 * option without argument that has the value "false", "no", "off" or "0" is stored as NULL. Returns
 * NULL, or the name of an option whose argument is missing.
 */
const char *cmdline_take(char **words, const struct cmdline_option *options, unsigned count,
                         void *values);

#endif
