/* For tests of translated functions: counts, and side exits where none is needed. */
#ifndef ENGINE_STRESS_H
#define ENGINE_STRESS_H

#include <stdbool.h>

extern struct engine_stressed {
    bool off;       /* bytecode that is read gets no translation */
    unsigned every; /* each so-manieth chance of a side exit is taken; 0: none that need not be */
    unsigned long chances;    /* of a side exit, so far */
    unsigned long side_exits; /* that were taken */
    int known, found;         /* translations, and those whose bytecode was read */
} engine_stressed;

#endif
