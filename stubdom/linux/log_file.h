/* Logs that have a file of their own, or go to the system's. */
#ifndef STUBDOM_LINUX_LOG_FILE_H
#define STUBDOM_LINUX_LOG_FILE_H

#include "stubdom/platform.h"

const char *log_file_open(unsigned sink, const struct log_place *place);
/** False: the sink has no file. A line that cannot be written is lost. */
bool log_file_write(unsigned sink, const char *line, size_t length);
/** Somebody has moved the files away. */
void log_files_reopen(void);

#endif
