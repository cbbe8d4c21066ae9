#ifndef STUBDOM_LINUX_NOTIFY_H
#define STUBDOM_LINUX_NOTIFY_H

/** Tells whoever started the service, where there is one, that it serves and which process it is.
 */
void notify_ready(void);

#endif
