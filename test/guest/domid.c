/*
 * Preloaded into xl: the next guest gets the number $DOMID. Xen by itself gives a number out again
 * after some 32,000 others.
 */
#include <dlfcn.h>
#include <libxl.h>
#include <stdlib.h>

int libxl_domain_create_new(libxl_ctx *ctx, libxl_domain_config *config, uint32_t *domid,
                            const libxl_asyncop_how *how,
                            const libxl_asyncprogress_how *console_how) {
    __typeof__(&libxl_domain_create_new) create =
        (__typeof__(create))dlsym(RTLD_NEXT, "libxl_domain_create_new");
    const char *wanted = getenv("DOMID");
    if (wanted)
        config->c_info.domid = (libxl_domid)atoi(wanted);
    return create(ctx, config, domid, how, console_how);
}
