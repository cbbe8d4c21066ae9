/*
 * Xen 4.21 and later tell which domains changed (XEN_DOMCTL_get_domain_state, a stable call). For
 * an older Xen each domain is queried (XEN_DOMCTL_getdomaininfo), with the interface version of
 * that Xen, which is found by trying. Xen allows the xenstore domain these two domctls only.
 */
#include "domctl.h"
#include <string.h>

#define DOMCTL_GETDOMAININFO 5
#define DOMCTL_GET_DOMAIN_STATE 90

#define INFO_DYING 0x1
#define INFO_SHUTDOWN 0x4

/* DOMID_INVALID: the call then returns the next domain that changed. */
#define INVALID 0x7ff4
#define XEN_EACCES 13

/* Interface versions of Xen 4.17, 4.18, 4.19 and 4.20, 4.21 and later. */
static const uint32_t versions[] = {0x15, 0x16, 0x17, 0x18};
static uint32_t version;

/* The first existing domain whose number is `domid` or greater. */
static bool next_domain(unsigned domid, struct domain_info *info) {
    struct domctl argument;
    long error = -XEN_EACCES;

    for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        memset(&argument, 0, sizeof(argument));
        argument.command = DOMCTL_GETDOMAININFO;
        argument.version = version ? version : versions[i];
        argument.domain = domid;
        error = domctl_call(&argument);
        if (error != -XEN_EACCES || version)
            break;
    }
    if (error)
        return false;
    version = argument.version;
    info->domid = argument.info.domain;
    info->unique_id = 0;
    info->state = DOMAIN_EXIST;
    if (argument.info.flags & INFO_SHUTDOWN)
        info->state |= DOMAIN_SHUTDOWN;
    /* This call does not tell "dead", which soon follows "dying". */
    if (argument.info.flags & INFO_DYING)
        info->state |= DOMAIN_DYING | DOMAIN_DEAD;
    return true;
}

/* False: Xen does not have the call, or there is no such domain. */
static bool state_of(unsigned domid, struct domain_info *info) {
    struct domctl argument = {.command = DOMCTL_GET_DOMAIN_STATE, .domain = domid};
    if (domctl_call(&argument))
        return false;
    info->domid = argument.domain;
    info->state = argument.state.state;
    info->unique_id = argument.state.unique_id;
    return true;
}

void domctl_domain(unsigned domid, struct domain_info *info) {
    if (state_of(domid, info))
        return;
    if (!next_domain(domid, info) || info->domid != domid)
        *info = (struct domain_info){.domid = domid};
}

int domctl_changed(struct domain_info *infos, int most) {
    static bool absent;
    int count = 0;

    if (absent)
        return -1;
    while (count < most && state_of(INVALID, &infos[count]))
        count++;
    if (!count && !state_of(0, &infos[0])) {
        absent = true;
        return -1;
    }
    return count;
}
