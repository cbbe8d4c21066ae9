/* Logs with a file of their own, or that go to syslog. */
#ifndef STUBDOM_LINUX_LOG_FILE_H
#define STUBDOM_LINUX_LOG_FILE_H

#include "stubdom/platform.h"

/** As platform_open_log(). */
const char *log_file_open(unsigned sink, const struct log_place *place);
/** False: the log has neither file nor facility. A line that cannot be written is lost. */
bool log_file_write(unsigned sink, const char *line, size_t length);
/** Opens all files again (SIGHUP, after logrotate has moved them). */
void log_files_reopen(void);

#endif
