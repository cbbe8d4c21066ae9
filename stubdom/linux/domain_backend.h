/*
 * What platform.h asks of domains on Linux is answered by one of these: nobody, for a program that
 * is alone, simulated domains (simulate.h), or a Dom0 (dom0.h).
 */
#ifndef STUBDOM_LINUX_DOMAIN_BACKEND_H
#define STUBDOM_LINUX_DOMAIN_BACKEND_H

#include "stubdom/platform.h"

struct domain_backend {
    int (*open)(unsigned domid, unsigned port);
    bool (*rebind)(int link, unsigned port);
    void (*domain)(unsigned domid, struct domain_info *info);
    int (*changed)(struct domain_info *infos, int most);
    /* Before each wait. */
    void (*poll)(void);
    void (*stop)(void);
    /* Whether another process can open what is open here: domains by their numbers and ports. */
    bool moves;
};

extern const struct domain_backend simulated_backend, dom0_backend;

#endif
