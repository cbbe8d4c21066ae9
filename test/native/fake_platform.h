#ifndef TEST_FAKE_PLATFORM_H
#define TEST_FAKE_PLATFORM_H

#include "../../stubdom/platform.h"

extern char fake_log[65536];
extern double fake_time;
/* Besides a million a millisecond. */
extern uint64_t fake_ticks;

#endif
