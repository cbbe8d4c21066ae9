/* Prints the last packets if the process crashes. */
#ifndef STUBDOM_LINUX_CRASH_H
#define STUBDOM_LINUX_CRASH_H

#include "log_out.h"

/** From now on SIGSEGV and other fatal signals print the last packets to this log, and then end the
 * process. */
void crash_prepare(const struct log_out *last_words_to);

#endif
