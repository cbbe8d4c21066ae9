/* Last words of a process that is killed by its own doing. */
#ifndef STUBDOM_POSIX_CRASH_H
#define STUBDOM_POSIX_CRASH_H

/** From here on a fatal signal prints the last packets to standard error before it ends the
 * process. */
void crash_prepare(void);

#endif
