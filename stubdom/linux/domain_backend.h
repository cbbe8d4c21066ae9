/*
 * The source of domains on Linux, chosen at the start: none (platform.c), simulated domains
 * (simulate.h), or Xen's, in a Dom0 (dom0.h).
 */
#ifndef STUBDOM_LINUX_DOMAIN_BACKEND_H
#define STUBDOM_LINUX_DOMAIN_BACKEND_H

#include "stubdom/platform.h"

struct domain_backend {
    /* As the functions platform_*() of these names. */
    int (*open)(unsigned domid, unsigned port);
    bool (*rebind)(int link, unsigned port);
    int (*adopt)(unsigned domid, unsigned local_port);
    void (*domain)(unsigned domid, struct domain_info *info);
    int (*changed)(struct domain_info *infos, int most);
    /* Called before each wait. */
    void (*poll)(void);
    void (*stop)(void);
    /* Whether another executable can take over the links (replace.h). */
    bool moves;
    /* C xenstored takes over: gives up what it binds itself; or takes that back. NULL: nothing. */
    void (*leave)(bool leaves);
};

extern const struct domain_backend simulated_backend, dom0_backend;

#endif
