/*
 * The files of a 9p share as ninep_files.c, which fills them, and ninep_session.c, which empties
 * them, see them: how far each is opened, and the bytes that wait for it.
 */
#ifndef STUBDOM_NINEP_FILE_H
#define STUBDOM_NINEP_FILE_H

#include "stubdom/log_place.h"
#include "stubdom/platform.h"

#define NINEP_FILES (LOG_SINKS + 1) /* the last one is written once */
#define NINEP_ONCE LOG_SINKS
#define NINEP_NAMES_MOST 8
#define NINEP_NAME_MOST 240 /* with what numbers an old file */
#define NINEP_LOG_ROOM 16384

enum step {
    STEP_OFF,
    STEP_WALK,   /* to the file */
    STEP_OPEN,   /* it is there */
    STEP_STAT,   /* where it ends */
    STEP_PARENT, /* it is not: to its directory */
    STEP_CREATE,
    STEP_READY,
    STEP_CLUNK,  /* its fid is given back, and then comes `after` */
    STEP_FAILED, /* until it is to be opened again, or the share comes again */
};

struct piece {
    struct piece *next;
    size_t length;
    char bytes[];
};

struct file {
    enum step step, after;
    struct log_kept log;        /* path NULL: no lines are taken */
    char name[NINEP_NAME_MOST]; /* of the one that is open, or being opened */
    bool truncate, fresh;       /* it is emptied; the next one is to be */
    unsigned turn;   /* which of the files that take turns; 0: the one without a number */
    uint64_t offset; /* where the next byte goes */
    uint32_t sent;   /* bytes of the request that is on its way */
    /* A log's bytes: a circle of NINEP_LOG_ROOM, by free-running indexes. */
    char *circle;
    uint32_t head, tail;
    bool turning; /* from byte turn_at on, they are another file's */
    uint32_t turn_at;
    unsigned long lost;
    /* Those of a file that is written once. */
    struct piece *first, **last;
    size_t taken; /* of the first piece */
};

struct name {
    const char *text;
    size_t length;
};

extern struct file ninep_files[NINEP_FILES];
/* Lines that did not fit, of all files. */
extern unsigned long ninep_lines_lost;

static inline unsigned ninep_file_number(const struct file *file) {
    return file - ninep_files;
}

static inline bool ninep_file_is_log(const struct file *file) {
    return ninep_file_number(file) < LOG_SINKS;
}

/** The name within the share; NULL: it cannot be there. */
const char *ninep_name_below(const char *path);
/** Cuts a name at its slashes. Returns how many there are, at most NINEP_NAMES_MOST; 0: the share
 * would refuse it. */
unsigned ninep_name_split(const char *path, struct name *names);

/** A line about a file to where it needs no share; `error`: a number of Linux, as the share says
 * it. */
void ninep_file_say(const struct file *file, const char *what, unsigned error);
void ninep_file_drop_piece(struct file *file);
/** The next bytes that are one behind the other; 0: none for this file. */
uint32_t ninep_file_next(const struct file *file, const char **bytes);
void ninep_file_consume(struct file *file, uint32_t count);
/** All of it, or nothing. */
void ninep_file_put(struct file *file, const char *bytes, size_t length);
/** A line, and before it how many were lost; or nothing, and that is one more. */
void ninep_file_line(struct file *file, const char *line, size_t length);
/** Nobody writes into it any more. */
void ninep_file_end(struct file *file);
/** Opens what is to be written from here on, if anything is. */
void ninep_file_begin(struct file *file);
/** The last lines that wait for a file go to where they need no share. It would not keep all of
 * them. */
void ninep_file_say_waiting(struct file *file);
/** It has no fid. Another that is to come in its place is tried. */
void ninep_file_fail(struct file *file);

#endif
