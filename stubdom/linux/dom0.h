/* The daemon as the xenstored of a Linux Dom0: its own ring, rings of guests by grants. */
#ifndef STUBDOM_LINUX_DOM0_H
#define STUBDOM_LINUX_DOM0_H

#include "stubdom/platform.h"
#include "options.h"

/** Whether this is the Dom0 of a Xen, with a kernel that waits for a xenstored. */
bool dom0_is_here(void);
/** Whether dom0_start() would find what it needs besides devices: NULL, or what not. */
const char *dom0_try(const struct given *given);
/** NULL, or why it cannot serve here. */
const char *dom0_start(const struct given *given, struct platform_config *config);

#endif
