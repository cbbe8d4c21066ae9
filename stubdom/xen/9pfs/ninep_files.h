/*
 * Files on a 9p share: logs, and files that are written once. Everything here returns at once. What
 * is written waits in a buffer of bounded size until the share, which answers one request after the
 * other, has taken it; lines that do not fit are counted, and their number is told in the file.
 */
#ifndef STUBDOM_NINEP_FILES_H
#define STUBDOM_NINEP_FILES_H

#include "stubdom/platform.h"

/** As platform_open_log. Names are below the share, or absolute as C xenstored's are. */
const char *ninep_files_open_log(unsigned sink, const struct log_place *place);
/** False: the line is for elsewhere. */
bool ninep_files_write_log(unsigned sink, const char *line, size_t length);
/** As platform_file_begin() (bytes NULL) and platform_file_add(), of one file at a time: what was
 * accepted is written later. */
const char *ninep_files_write(const char *path, const char *bytes, size_t length);

struct ninep_metrics {
    bool attached;
    unsigned long requests, lines_lost;
};
struct ninep_metrics ninep_files_metrics(void);

#endif
