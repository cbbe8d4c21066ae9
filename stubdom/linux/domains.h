/*
 * What Xen tells of domains, by a module that is loaded at the start. Xen's calls for it change
 * with its releases: the module is exchanged for them, and not the daemon.
 */
#ifndef STUBDOM_LINUX_DOMAINS_H
#define STUBDOM_LINUX_DOMAINS_H

#include "stubdom/platform.h"

/** What a module exports, under the name below. */
struct xen_domains {
    unsigned version; /* XEN_DOMAINS_VERSION, as it was when the module was compiled */
    /* NULL, or why it cannot be used here. */
    const char *(*start)(void);
    /* As platform_domain and platform_changed_domains. */
    void (*domain)(unsigned domid, struct domain_info *info);
    int (*changed)(struct domain_info *infos, int most);
};
#define XEN_DOMAINS_VERSION 1
#define XEN_DOMAINS_SYMBOL "xen_domains"

/**
 * Loads `file`; NULL: beside the program, xenstored-domains-X.Y.so for the Xen that runs here, or
 * else xenstored-domains.so. NULL, or why there is none.
 */
const char *domains_load(const char *file);

extern const struct xen_domains *domains;

#endif
