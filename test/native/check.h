/* A test is a function of checks; its verdict is one line. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdbool.h>
#include <stdio.h>

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

#define RUN(test) RUN_NAMED(test, #test)
#define RUN_NAMED(test, name)                                                                      \
    do {                                                                                           \
        test_failed = false;                                                                       \
        test();                                                                                    \
        printf("%s %s\n", test_failed ? "not ok" : "ok", name);                                    \
        fflush(stdout);                                                                            \
        checks_failed += test_failed;                                                              \
    } while (0)

#define VERDICT (checks_failed ? 1 : 0)

#endif
