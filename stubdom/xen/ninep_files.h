/*
 * Files on a 9p share: logs, and files that are written once. Everything here returns at once. What
 * is written waits in a buffer of bounded size until the share, which answers one request after the
 * other, has taken it; lines that do not fit are counted, and their number is told in the file.
 */
#ifndef STUBDOM_NINEP_FILES_H
#define STUBDOM_NINEP_FILES_H

#include "../platform.h"
#include "ninep_ring.h"

/* What is below: the device in xen/ninep_front.c, or a test. */
/** The other side has something to read. */
void ninep_below_notify(void);
/** One line to where it needs no share. */
void ninep_below_say(const char *line);

/** A share may come from now on. */
void ninep_files_start(void);
/** A fresh ring is connected: the share is attached, and the files are opened. */
void ninep_files_connected(struct ninep_ring *ring);
/** The ring is no more. What was not taken waits for the next one. */
void ninep_files_gone(void);
/** The other side said something. False: nonsense, and the ring is not touched any more. */
bool ninep_files_event(void);

/**
 * Milliseconds of platform_now() at which ninep_files_late() is to be called: somebody writes, and
 * nothing was taken for long. Negative: never.
 */
double ninep_files_deadline(void);
/** Lines go elsewhere until the share takes something again; those that wait are said. */
void ninep_files_late(void);

/** As platform_open_log. Names are below the share, or absolute as C xenstored's are. */
const char *ninep_files_open_log(unsigned sink, const struct log_place *place);
/** False: the line is for elsewhere. */
bool ninep_files_write_log(unsigned sink, const char *line, size_t length);
/** As platform_file_begin() (bytes NULL) and platform_file_add(), of one file at a time: what was
 * accepted is written later. */
const char *ninep_files_write(const char *path, const char *bytes, size_t length);

struct ninep_figures {
    bool attached;
    unsigned long requests, lines_lost;
};
struct ninep_figures ninep_files_figures(void);

#endif
