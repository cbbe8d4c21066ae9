/*
 * The states of Xen's domains, from a shared object that is loaded at the start. The calls change
 * with Xen's releases, so a new release may need another module, but not another daemon.
 */
#ifndef STUBDOM_LINUX_DOMAINS_H
#define STUBDOM_LINUX_DOMAINS_H

#include "stubdom/platform.h"

/** The object that a module exports as XEN_DOMAINS_SYMBOL. */
struct xen_domains {
    unsigned version; /* the XEN_DOMAINS_VERSION that the module was compiled with */
    /* Opens what the module needs, and checks that Xen answers. */
    const char *(*start)(void);
    /* As platform_domain() and platform_changed_domains(). */
    void (*domain)(unsigned domid, struct domain_info *info);
    int (*changed)(struct domain_info *infos, int most);
    /* The peer's port of a local event channel; 0: it is not bound to a domain. */
    unsigned (*remote_port)(unsigned local);
};
#define XEN_DOMAINS_VERSION 2
#define XEN_DOMAINS_SYMBOL "xen_domains"

/**
 * Loads `file` and sets `domains`. `file` NULL: xenstored-domains-X.Y.so for the running Xen, or
 * else xenstored-domains.so, in the executable's directory.
 */
const char *domains_load(const char *file);
/** The version of the running Xen, as in the names of modules. */
const char *domains_xen_version(void);

/** The module; NULL before domains_load(). */
extern const struct xen_domains *domains;

#endif
