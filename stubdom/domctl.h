/*
 * The two domctls that tell the state of domains (public/domctl.h). The platform carries them. Xen
 * before 4.21 has no stable interface for this, so on Linux this code is a shared object of its own
 * (linux/domains_module.c).
 */
#ifndef STUBDOM_DOMCTL_H
#define STUBDOM_DOMCTL_H

#include "platform.h"

/** struct xen_domctl, with only the members that are used here. */
struct domctl {
    uint32_t command;
    uint32_t version;
    uint16_t domain;
    uint16_t pad[3];
    union {
        struct {
            uint16_t domain;
            uint16_t pad;
            uint32_t flags;
        } info;
        struct {
            uint16_t state;
            uint16_t capabilities;
            uint32_t pad;
            uint64_t unique_id;
        } state;
        uint64_t room[32]; /* larger than in any version of Xen */
    };
};

/** Makes the call; Xen writes its results into `call`. 0, or a negative Xen error number
 * (public/errno.h). The platform defines it. */
long domctl_call(struct domctl *call);

/** As platform_domain() and platform_changed_domains(). */
void domctl_domain(unsigned domid, struct domain_info *info);
int domctl_changed(struct domain_info *infos, int most);

#endif
