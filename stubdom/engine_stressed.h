/* For tests of translated functions: engine_translated.h. */
#ifndef ENGINE_STRESSED_H
#define ENGINE_STRESSED_H

extern struct engine_stressed {
    unsigned
        every; /* each so-manieth place where a translation can be left, it is; 0: where it must */
    unsigned long chances; /* such places so far */
    unsigned long left;    /* how often one was left */
    int known, found;      /* translations, and those whose bytecode was read */
} engine_stressed;

#endif
