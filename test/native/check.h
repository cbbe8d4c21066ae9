/* A test is a function of checks; its verdict is one line. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned checks_failed;
static bool test_failed;

/** Says where and what, and goes on: later checks often tell why. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);                               \
            test_failed = true;                                                                    \
        }                                                                                          \
    } while (0)

/** TEST_NAME=: an extended regular expression; only the tests whose names it finds run. */
static inline bool test_is_wanted(const char *name) {
    const char *wanted = getenv("TEST_NAME");
    regex_t expression;
    if (!wanted || regcomp(&expression, wanted, REG_EXTENDED | REG_NOSUB) != 0)
        return true;
    bool found = regexec(&expression, name, 0, NULL, 0) == 0;
    regfree(&expression);
    return found;
}

#define RUN(test) RUN_NAMED(test, #test)
#define RUN_NAMED(test, name)                                                                      \
    do {                                                                                           \
        if (!test_is_wanted(name))                                                                 \
            break;                                                                                 \
        test_failed = false;                                                                       \
        test();                                                                                    \
        printf("%s %s\n", test_failed ? "not ok" : "ok", name);                                    \
        fflush(stdout);                                                                            \
        checks_failed += test_failed;                                                              \
    } while (0)

#define VERDICT (checks_failed ? 1 : 0)

#endif
