/*
 * The two calls by which Xen tells of domains (public/domctl.h), over whatever carries a hypercall.
 * Neither is part of Xen's stable interface before 4.21: on Linux this is in a module of its own.
 */
#ifndef STUBDOM_DOMCTL_H
#define STUBDOM_DOMCTL_H

#include "platform.h"

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
        uint64_t room[32]; /* more than any version fills */
    };
};

/** Carries one call, which may write into it. 0, or a negative Xen error. Not in domctl.c. */
long domctl_call(struct domctl *call);

/** As platform_domain and platform_changed_domains. */
void domctl_domain(unsigned domid, struct domain_info *info);
int domctl_changed(struct domain_info *infos, int most);

#endif
