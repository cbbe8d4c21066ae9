/*
 * Files on the 9pfs share: logs, and a file that is written once. No call blocks. Lines wait in a
 * buffer of bounded size until the share has taken them. Lines that do not fit are counted, and the
 * log has a note of their number.
 */
#ifndef STUBDOM_NINEP_CLIENT_H
#define STUBDOM_NINEP_CLIENT_H

#include "stubdom/platform.h"

/** As platform_open_log(). Names are relative to the share, or absolute as C xenstored's are. */
const char *ninep_client_open_log(unsigned sink, const struct log_place *place);
/** False: the log has no file, or the share does not take its lines. The caller writes the line
 * elsewhere. */
bool ninep_client_write_log(unsigned sink, const char *line, size_t length);
/** As platform_file_begin() (bytes NULL) and platform_file_add(). The bytes are written later. */
const char *ninep_client_write(const char *path, const char *bytes, size_t length);

struct ninep_metrics {
    bool attached;
    unsigned long requests, lines_lost; /* since the start */
};
struct ninep_metrics ninep_client_metrics(void);

#endif
