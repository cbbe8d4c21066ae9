/* Last words of a process that is killed by its own doing. */
#ifndef STUBDOM_LINUX_CRASH_H
#define STUBDOM_LINUX_CRASH_H

#include "log_out.h"

/** From here on a fatal signal prints the last packets there before it ends the process. */
void crash_prepare(const struct log_out *last_words_to);

#endif
