/* What Xen tells of other domains (public/domctl.h). */
#ifndef STUBDOM_XEN_DOMAINS_H
#define STUBDOM_XEN_DOMAINS_H

#include "../platform.h"

/** The domains there are now, without the two given ones. Returns how many. */
int domains_list(struct domain_info *infos, int most, int without, int without_too);

#endif
