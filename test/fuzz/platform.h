/*
 * platform.h for fuzzing: a few domains whose state a target sets, a clock that a target moves,
 * and no files. What the program reports as a fault of its own ends the run.
 */
#ifndef FUZZ_PLATFORM_H
#define FUZZ_PLATFORM_H

#include "../../stubdom/platform.h"

/* Domains 1 to DOMAINS - 1 exist unless a target says otherwise. */
#define DOMAINS 6

extern double fuzz_time;
/** Lines of the program go to standard error: for replay (FUZZ_LOG=1). */
extern bool fuzz_log;
/** The program said that it failed, and nobody wanted it to. */
extern bool fuzz_failed;
/** The last line of the log. */
extern char fuzz_last_line[256];

/** What platform_open() and platform_rebind() do; NULL: they fail. */
extern int (*fuzz_open)(unsigned domid, unsigned port);
extern bool (*fuzz_rebind)(int link, unsigned port);

/** All domains are there again, as new instances. */
void fuzz_domains_reset(void);
void fuzz_domain_set(unsigned domid, unsigned state);
/** Another domain has this number from here on. */
void fuzz_domain_renew(unsigned domid);

/** What platform_read_file() returns a copy of; NULL: there are no files. */
extern const uint8_t *fuzz_file;
extern size_t fuzz_file_size;
/** Whether files can be written; their bytes are dropped. */
extern bool fuzz_files;

#endif
