/* The daemon as xenstored of a Linux Dom0: serves Dom0's ring and, by grants, guests' rings. */
#ifndef STUBDOM_LINUX_DOM0_H
#define STUBDOM_LINUX_DOM0_H

#include "stubdom/platform.h"
#include "options.h"

/** Whether this is a Dom0 whose kernel needs a xenstored. */
bool dom0_is_here(void);
/** Checks, without opening devices, that dom0_start() has its module (domains.h). */
const char *dom0_try(const struct given *given);
/** Opens the devices, maps Dom0's own page and fills the ports of `config`. `evtchn_fd`: the event
 * channel device of C xenstored, on which Dom0's port is bound already; -1: none. */
const char *dom0_start(const struct given *given, struct platform_config *config, int evtchn_fd);

#endif
