/*
 * What Xen tells of domains, asked of stand-ins: a Xen of an older interface version, which knows
 * getdomaininfo alone, and one of 4.21 or later, which has get_domain_state. No such later Xen is
 * in reach of the lab; this is the only place where that path is seen.
 */
#include "../../stubdom/domctl.h"
#include "check.h"
#include <string.h>

#define GETDOMAININFO 5
#define GET_DOMAIN_STATE 90
#define INVALID 0x7ff4
#define NO_SUCH (-3)
#define WRONG_VERSION (-13)
#define UNKNOWN (-38)

/* The stand-in: its version of the interface, whether it has the newer call, its domains. */
static struct {
    uint32_t version;
    bool tells_changes;
    struct {
        unsigned domid, flags, state;
        uint64_t unique_id;
        bool changed;
    } domains[8];
    int count;
    int wrong_versions;
} xen;

static long get_info(struct domctl *call) {
    if (call->version != xen.version) {
        xen.wrong_versions++;
        return WRONG_VERSION;
    }
    /* As it does: the first domain from this number on. */
    for (int i = 0; i < xen.count; i++) {
        if (xen.domains[i].domid < call->domain)
            continue;
        call->domain = call->info.domain = xen.domains[i].domid;
        call->info.flags = xen.domains[i].flags;
        return 0;
    }
    return NO_SUCH;
}

static long get_state(struct domctl *call) {
    if (!xen.tells_changes)
        return UNKNOWN;
    for (int i = 0; i < xen.count; i++) {
        if (call->domain == INVALID ? !xen.domains[i].changed
                                    : call->domain != xen.domains[i].domid)
            continue;
        if (call->domain == INVALID)
            xen.domains[i].changed = false;
        call->domain = xen.domains[i].domid;
        call->state.state = xen.domains[i].state;
        call->state.unique_id = xen.domains[i].unique_id;
        return 0;
    }
    return NO_SUCH;
}

long domctl_call(struct domctl *call) {
    switch (call->command) {
    case GETDOMAININFO:
        return get_info(call);
    case GET_DOMAIN_STATE:
        return get_state(call);
    default:
        return UNKNOWN;
    }
}

static void add(unsigned domid, unsigned flags, unsigned state, uint64_t unique_id) {
    xen.domains[xen.count].domid = domid;
    xen.domains[xen.count].flags = flags;
    xen.domains[xen.count].state = state;
    xen.domains[xen.count].unique_id = unique_id;
    xen.domains[xen.count++].changed = true;
}

static struct domain_info ask(unsigned domid) {
    struct domain_info info;
    domctl_domain(domid, &info);
    return info;
}

/* This stand-in comes first: whether Xen tells of changes is found out once. */
static void newer_xen_tells_what_changed(void) {
    struct domain_info infos[8];

    memset(&xen, 0, sizeof(xen));
    xen.version = 0x18;
    xen.tells_changes = true;
    add(0, 0, DOMAIN_EXIST, 100);
    add(1, 0, DOMAIN_EXIST, 101);
    add(5, 4, DOMAIN_EXIST | DOMAIN_SHUTDOWN, 105);
    /* Those that are there already come first. */
    CHECK(domctl_changed(infos, 8) == 3);
    CHECK(domctl_changed(infos, 8) == 0);
    xen.domains[1].changed = true;
    xen.domains[1].state = DOMAIN_EXIST | DOMAIN_DYING | DOMAIN_DEAD;
    CHECK(domctl_changed(infos, 8) == 1);
    CHECK(infos[0].domid == 1);
    CHECK(infos[0].state == (DOMAIN_EXIST | DOMAIN_DYING | DOMAIN_DEAD));
    CHECK(infos[0].unique_id == 101);
    CHECK(domctl_changed(infos, 8) == 0);
    CHECK(ask(5).unique_id == 105);
    CHECK(ask(5).state == (DOMAIN_EXIST | DOMAIN_SHUTDOWN));
    CHECK(ask(3).state == 0);
    CHECK(ask(3).domid == 3);
}

static void no_more_are_taken_than_there_is_room_for(void) {
    struct domain_info infos[2];

    for (int i = 0; i < xen.count; i++)
        xen.domains[i].changed = true;
    CHECK(domctl_changed(infos, 2) == 2);
    CHECK(domctl_changed(infos, 2) == 1);
    CHECK(domctl_changed(infos, 2) == 0);
}

static void older_xen_is_asked_for_each(void) {
    struct domain_info infos[8];

    memset(&xen, 0, sizeof(xen));
    xen.version = 0x18; /* the one that was found before: it is not looked for again */
    add(0, 0, 0, 0);
    add(1, 0, 0, 0);
    add(3, 4, 0, 0);
    add(4, 1, 0, 0);
    CHECK(domctl_changed(infos, 8) == -1);
    CHECK(domctl_changed(infos, 8) == -1);
    CHECK(ask(1).state == DOMAIN_EXIST);
    CHECK(ask(3).state == (DOMAIN_EXIST | DOMAIN_SHUTDOWN));
    CHECK(ask(4).state == (DOMAIN_EXIST | DOMAIN_DYING | DOMAIN_DEAD));
    /* It answers with the next domain: that is not the one that was asked for. */
    CHECK(ask(2).state == 0 && ask(2).domid == 2);
    CHECK(ask(9).state == 0 && ask(9).domid == 9);
    CHECK(xen.wrong_versions == 0);
}

int main(void) {
    RUN(newer_xen_tells_what_changed);
    RUN(no_more_are_taken_than_there_is_room_for);
    RUN(older_xen_is_asked_for_each);
    return VERDICT;
}
