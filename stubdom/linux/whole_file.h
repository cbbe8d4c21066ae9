/* Atomic replacement of a file, as platform_file_begin(), _add() and _end() (platform.h). */
#ifndef STUBDOM_LINUX_WHOLE_FILE_H
#define STUBDOM_LINUX_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

const char *whole_file_begin(const char *path);
const char *whole_file_add(const char *bytes, size_t length);
const char *whole_file_end(bool whole);

#endif
