/* For tests of translations (ENGINE_STRESSED): counts, and side exits without need. */
#ifndef ENGINE_STRESS_H
#define ENGINE_STRESS_H

#include <stdbool.h>

extern struct engine_stressed {
    bool off;                 /* bytecode that is read gets no translation */
    unsigned every;           /* take every n-th possible side exit; 0: only necessary ones */
    unsigned long chances;    /* possible side exits so far */
    unsigned long side_exits; /* taken side exits so far */
    int known, found;         /* number of translations; of those whose bytecode was read */
} engine_stressed;

#endif
