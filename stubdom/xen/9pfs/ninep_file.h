/*
 * The files of the 9pfs share: the state of each, and the bytes that are still to be written.
 * ninep_client.c adds bytes, ninep_session.c sends them.
 */
#ifndef STUBDOM_NINEP_FILE_H
#define STUBDOM_NINEP_FILE_H

#include "stubdom/log_place.h"
#include "stubdom/platform.h"

#define NINEP_FILES (LOG_SINKS + 1) /* one for each log, and NINEP_ONCE */
#define NINEP_ONCE LOG_SINKS
#define NINEP_NAMES_MOST 8
#define NINEP_NAME_MOST 240 /* bytes of a name in the share, with a rotated log's number */
#define NINEP_LOG_ROOM 16384

/* The next request for a file. */
enum step {
    STEP_OFF,    /* none: the file is closed */
    STEP_WALK,   /* walk to the file */
    STEP_OPEN,   /* it exists: open it */
    STEP_STAT,   /* find its end */
    STEP_PARENT, /* it does not exist: walk to its directory */
    STEP_CREATE, /* create it there */
    STEP_READY,  /* it is open: write */
    STEP_CLUNK,  /* release its fid, and go on with `after` */
    STEP_FAILED, /* none, until the log is set again or the share connects again */
};

struct piece {
    struct piece *next;
    size_t length;
    char bytes[];
};

struct file {
    enum step step, after;
    struct log_kept log;        /* path NULL: no lines are taken */
    char name[NINEP_NAME_MOST]; /* of the open file, or of the one being opened */
    bool truncate, fresh;       /* empty the file when it is opened; empty the next one */
    unsigned turn;              /* number of the rotated file; 0: the one without a number */
    uint64_t offset;            /* in the file, of the next write */
    uint32_t sent;              /* bytes of the write in flight */
    /* A log's bytes: a circular buffer of NINEP_LOG_ROOM, with free-running indexes. */
    char *circle;
    uint32_t head, tail;
    bool turning; /* bytes from index turn_at on belong to the next file */
    uint32_t turn_at;
    unsigned long lost; /* lines that did not fit since the last line */
    /* NINEP_ONCE: its bytes. */
    struct piece *first, **last;
    size_t taken; /* written bytes of the first piece */
};

/* A component of a path. */
struct name {
    const char *text;
    size_t length;
};

extern struct file ninep_files[NINEP_FILES];
/* Lines of all files that did not fit, since the start. */
extern unsigned long ninep_lines_lost;

static inline unsigned ninep_file_number(const struct file *file) {
    return file - ninep_files;
}

static inline bool ninep_file_is_log(const struct file *file) {
    return ninep_file_number(file) < LOG_SINKS;
}

/** The name within the share. NULL: the path is outside of it, empty or too long. */
const char *ninep_name_below(const char *path);
/** Splits a name at its slashes. Returns the number of components, at most NINEP_NAMES_MOST; 0: the
 * name is not valid. */
unsigned ninep_name_split(const char *path, struct name *names);

/** Writes a line about a file to the console. `error`: an errno of Linux, from the share. */
void ninep_file_say(const struct file *file, const char *what, unsigned error);
/** Frees the first piece. */
void ninep_file_drop_piece(struct file *file);
/** Sets *bytes to the next contiguous bytes to write and returns their number; 0: none. */
uint32_t ninep_file_next(const struct file *file, const char **bytes);
/** Removes `count` of these bytes. */
void ninep_file_consume(struct file *file, uint32_t count);
/** Adds bytes to a log, or nothing if they do not fit. */
void ninep_file_put(struct file *file, const char *bytes, size_t length);
/** Adds a line to a log, after a note about lost lines. If they do not fit, counts a lost line. */
void ninep_file_line(struct file *file, const char *line, size_t length);
/** Frees all of the file; its step is STEP_OFF. */
void ninep_file_end(struct file *file);
/** Starts to open the file of the present log; or ends, if there is no log. */
void ninep_file_begin(struct file *file);
/** Writes the last waiting lines of a log to the console, and counts the earlier ones as lost: the
 * console could not hold them. */
void ninep_file_say_waiting(struct file *file);
/** The file cannot be written, and has no fid. Begins the next file, if the log has changed. */
void ninep_file_fail(struct file *file);

#endif
