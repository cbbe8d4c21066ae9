/*
 * Where the Linux program lives: alone, with simulated domains (simulate.h), or in a Dom0 (dom0.h).
 * What platform.h asks of domains is answered by one of these.
 */
#ifndef STUBDOM_LINUX_HOME_H
#define STUBDOM_LINUX_HOME_H

#include "stubdom/platform.h"

struct home {
    int (*open)(unsigned domid, unsigned port);
    bool (*rebind)(int link, unsigned port);
    void (*domain)(unsigned domid, struct domain_info *info);
    int (*changed)(struct domain_info *infos, int most);
    /* Before each wait. */
    void (*tidy)(void);
    void (*stop)(void);
    /* Whether another process can open what is open here: domains by their numbers and ports. */
    bool moves;
};

extern const struct home simulated_home, dom0_home;

#endif
