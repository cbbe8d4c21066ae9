#ifndef STUBDOM_XEN_OWN_DOMID_H
#define STUBDOM_XEN_OWN_DOMID_H

/** The domid of this domain; -1 before platform_start(). */
extern int own_domid;

#endif
