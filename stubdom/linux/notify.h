#ifndef STUBDOM_LINUX_NOTIFY_H
#define STUBDOM_LINUX_NOTIFY_H

/** Tells the service manager, if there is one, that the daemon is ready, and its process id. */
void notify_ready(void);

#endif
