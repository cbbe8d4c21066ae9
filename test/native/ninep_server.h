/*
 * The other side of a 9pfs ring, for tests: a server of files in memory that answers as xen-9pfsd
 * does (five fids, nothing renamed, removed or appended to), or lies.
 */
#ifndef TEST_NINEP_SERVER_H
#define TEST_NINEP_SERVER_H

#include "../../stubdom/xen/9pfs/ninep_ring.h"

enum lie {
    HONEST,
    WRONG_TAG,
    WRONG_TYPE,
    SIZE_TOO_SMALL,
    SIZE_TOO_LARGE,
    CUT_SHORT,       /* the message ends before what should be in it */
    TWICE,           /* a reply that nobody asked for comes behind it */
    PRODUCER_BEYOND, /* indexes that cannot be */
    CONSUMER_BEYOND,
    WRITTEN_MORE, /* than was sent */
    WRITTEN_NOTHING,
    WALKED_FURTHER, /* than there are names */
    OTHER_DIALECT,
    TINY_MESSAGES,
    HUGE_MESSAGES,
    ERROR_WITHOUT_NUMBER,
    LIES,
};

extern enum lie server_lie;
extern int server_lies_at; /* the request's type; 0: at each */
extern bool server_silent; /* takes nothing, says nothing */
extern int server_refuses; /* requests of this type get server_error; 0: none */
extern unsigned server_error;
extern bool server_trickles; /* replies come byte by byte */
extern unsigned server_fids_most, server_fids_seen;

/** A connection begins: no fids. The files stay. */
void server_connect(struct xen_9pfs_data_intf *page, void *data);
/** Takes what was asked and answers. False: there was nothing to do. */
bool server_turn(void);
/** The bytes of a file, ended by a NUL; NULL: there is none. Names are without a slash before. */
const char *server_file(const char *name);
size_t server_file_size(const char *name);
void server_make(const char *name, const char *text);
void server_make_directory(const char *name);
void server_clear(void);

#endif
