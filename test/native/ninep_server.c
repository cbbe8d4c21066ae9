#include "ninep_server.h"
#include "../../stubdom/xen/9pfs/ninep_message.h"
#include <stdio.h>
#include <stdlib.h>

#define FILES 16
#define NAME 300
#define FIDS 5
#define ENOENT 2
#define EBADF 9
#define EEXIST 17
#define EINVAL 22
#define EMFILE 24

static struct {
    char name[NAME];
    bool directory;
    char *bytes;
    size_t size;
} files[FILES];

static struct {
    bool used, opened;
    uint32_t fid;
    char path[NAME];
} fids[FIDS];

enum lie server_lie;
int server_lies_at, server_refuses;
bool server_silent, server_trickles;
unsigned server_error, server_fids_most, server_fids_seen;

static struct xen_9pfs_data_intf *page;
static uint8_t *in, *out;
static uint32_t size, out_cons, in_prod;
static uint8_t request[8192];
static uint8_t reply[16384];
static uint32_t reply_length, reply_sent;

static int find(const char *name) {
    for (int i = 0; i < FILES; i++)
        if (files[i].name[0] && strcmp(files[i].name, name) == 0)
            return i;
    return -1;
}

static int make(const char *name, bool directory) {
    for (int i = 0; i < FILES; i++)
        if (!files[i].name[0]) {
            snprintf(files[i].name, NAME, "%s", name);
            files[i].directory = directory;
            files[i].bytes = calloc(1, 1);
            files[i].size = 0;
            return i;
        }
    abort();
}

void server_clear(void) {
    for (int i = 0; i < FILES; i++) {
        free(files[i].bytes);
        files[i].bytes = NULL;
        files[i].name[0] = '\0';
    }
    server_lie = HONEST;
    server_lies_at = server_refuses = 0;
    server_silent = server_trickles = false;
    server_fids_most = FIDS;
    server_fids_seen = 0;
}

const char *server_file(const char *name) {
    int i = find(name);
    return i < 0 ? NULL : files[i].bytes;
}

size_t server_file_size(const char *name) {
    return find(name) < 0 ? 0 : files[find(name)].size;
}

static void write_at(int i, uint64_t offset, const uint8_t *bytes, uint32_t length) {
    if (offset + length > files[i].size) {
        files[i].bytes = realloc(files[i].bytes, offset + length + 1);
        memset(files[i].bytes + files[i].size, 0, offset + length + 1 - files[i].size);
        files[i].size = offset + length;
    }
    memcpy(files[i].bytes + offset, bytes, length);
}

void server_make(const char *name, const char *text) {
    write_at(make(name, false), 0, (const uint8_t *)text, strlen(text));
}

void server_make_directory(const char *name) {
    make(name, true);
}

void server_connect(struct xen_9pfs_data_intf *its_page, void *data) {
    page = its_page;
    size = XEN_FLEX_RING_SIZE(page->ring_order);
    in = data;
    out = in + size;
    out_cons = in_prod = 0;
    reply_length = reply_sent = 0;
    memset(fids, 0, sizeof(fids));
}

/* --- what is asked --- */

static uint32_t at;
static uint64_t get(unsigned bytes) {
    uint64_t value = 0;
    memcpy(&value, request + at, bytes);
    at += bytes;
    return value;
}

static void get_text(char *text) {
    uint32_t length = get(2);
    memcpy(text, request + at, length);
    text[length] = '\0';
    at += length;
}

static void add(uint64_t value, unsigned bytes) {
    memcpy(reply + reply_length, &value, bytes);
    reply_length += bytes;
}

static void add_text(const char *text) {
    add(strlen(text), 2);
    memcpy(reply + reply_length, text, strlen(text));
    reply_length += strlen(text);
}

static void add_qid(void) {
    memset(reply + reply_length, 7, NINEP_QID);
    reply_length += NINEP_QID;
}

static int fid_of(uint32_t fid) {
    for (int i = 0; i < FIDS; i++)
        if (fids[i].used && fids[i].fid == fid)
            return i;
    return -1;
}

/* 0, or why there cannot be one more. */
static unsigned new_fid(uint32_t fid, const char *path) {
    unsigned used = 0;
    for (int i = 0; i < FIDS; i++)
        used += fids[i].used;
    if (fid_of(fid) >= 0)
        return EBADF;
    if (used >= server_fids_most)
        return EMFILE;
    if (used + 1 > server_fids_seen)
        server_fids_seen = used + 1;
    for (int i = 0; i < FIDS; i++)
        if (!fids[i].used) {
            fids[i].used = true;
            fids[i].opened = false;
            fids[i].fid = fid;
            snprintf(fids[i].path, NAME, "%s", path);
            return 0;
        }
    return EMFILE;
}

static void below(char *path, const char *directory, const char *name) {
    snprintf(path, NAME, "%.140s%s%.140s", directory, *directory ? "/" : "", name);
}

static unsigned walk(void) {
    int from = fid_of(get(4));
    uint32_t fid = get(4), count = get(2), walked = 0;
    char path[NAME], name[NAME], next[NAME];
    if (from < 0 || fids[from].opened)
        return EINVAL;
    snprintf(path, NAME, "%s", fids[from].path);
    for (; walked < count; walked++) {
        get_text(name);
        below(next, path, name);
        if (find(next) < 0)
            break;
        snprintf(path, NAME, "%s", next);
    }
    if (count && !walked)
        return ENOENT;
    unsigned error = walked == count ? new_fid(fid, path) : 0;
    add(walked + (server_lie == WALKED_FURTHER ? 3 : 0), 2);
    for (uint32_t i = 0; i < walked; i++)
        add_qid();
    return error;
}

static unsigned open_it(void) {
    int fid = fid_of(get(4));
    unsigned mode = get(1);
    int i = fid < 0 ? -1 : find(fids[fid].path);
    if (mode & ~0x53U || fid < 0 || fids[fid].opened)
        return EINVAL;
    if (i < 0)
        return ENOENT;
    if (mode & NINEP_OPEN_TRUNCATE) {
        files[i].size = 0;
        files[i].bytes[0] = '\0';
    }
    fids[fid].opened = true;
    add_qid();
    add(0, 4);
    return 0;
}

static unsigned create(void) {
    int fid = fid_of(get(4));
    char name[NAME], path[NAME];
    get_text(name);
    if (fid < 0 || fids[fid].opened)
        return EINVAL;
    below(path, fids[fid].path, name);
    if (find(path) >= 0)
        return EEXIST;
    make(path, false);
    snprintf(fids[fid].path, NAME, "%s", path);
    fids[fid].opened = true;
    add_qid();
    add(0, 4);
    return 0;
}

static unsigned write_it(void) {
    int fid = fid_of(get(4));
    uint64_t offset = get(8);
    uint32_t count = get(4);
    if (fid < 0 || !fids[fid].opened)
        return EBADF;
    write_at(find(fids[fid].path), offset, request + at, count);
    add(server_lie == WRITTEN_MORE ? count + 1 : server_lie == WRITTEN_NOTHING ? 0 : count, 4);
    return 0;
}

static unsigned stat_it(void) {
    int fid = fid_of(get(4));
    if (fid < 0)
        return ENOENT;
    add(71, 2);
    add(69, 2);
    add(0, 2);
    add(0, 4);
    add_qid();
    add(0600, 4);
    add(0, 8);
    add(server_file_size(fids[fid].path), 8);
    for (int i = 0; i < 5; i++)
        add_text("");
    add(0, 8);
    add(0, 4);
    return 0;
}

static unsigned answer(int type) {
    int fid;
    switch (type) {
    case NINEP_VERSION:
        add(server_lie == TINY_MESSAGES ? 24 : server_lie == HUGE_MESSAGES ? 1U << 30 : size, 4);
        add_text(server_lie == OTHER_DIALECT ? "9P2000.L" : NINEP_DIALECT);
        return 0;
    case NINEP_ATTACH:
        add_qid();
        return new_fid(get(4), "");
    case NINEP_WALK:
        return walk();
    case NINEP_OPEN:
        return open_it();
    case NINEP_CREATE:
        return create();
    case NINEP_WRITE:
        return write_it();
    case NINEP_STAT:
        return stat_it();
    case NINEP_CLUNK:
        fid = fid_of(get(4));
        if (fid < 0)
            return ENOENT;
        fids[fid].used = false;
        return 0;
    default:
        return 95;
    }
}

static void spoil(void) {
    uint32_t length = reply_length;
    switch (server_lie) {
    case WRONG_TAG:
        reply[5] ^= 0x40;
        break;
    case WRONG_TYPE:
        reply[4] += 2;
        break;
    case SIZE_TOO_SMALL:
        length = 3;
        break;
    case SIZE_TOO_LARGE:
        length = 0x7fffffff;
        break;
    case CUT_SHORT:
        length = reply_length = reply_length > NINEP_HEADER ? NINEP_HEADER + 1 : NINEP_HEADER;
        break;
    case TWICE:
        memcpy(reply + reply_length, reply, reply_length);
        reply_length *= 2;
        break;
    default:
        break;
    }
    memcpy(reply, &length, 4);
}

static void take_request(void) {
    int type = request[4];
    enum lie lie = server_lie;
    if (server_lies_at && server_lies_at != type)
        server_lie = HONEST;
    at = NINEP_HEADER;
    reply_length = NINEP_HEADER;
    reply_sent = 0;
    unsigned error = type == server_refuses ? server_error : answer(type);
    bool unnumbered = server_lie == ERROR_WITHOUT_NUMBER;
    reply[4] = error || unnumbered ? NINEP_ERROR : type + 1;
    memcpy(reply + 5, request + 5, 2);
    if (error || unnumbered) {
        reply_length = NINEP_HEADER;
        add_text("refused");
        if (!unnumbered)
            add(error, 4);
    }
    memcpy(reply, &reply_length, 4);
    spoil();
    if (server_lie == PRODUCER_BEYOND)
        page->in_prod = in_prod + size + 9;
    if (server_lie == CONSUMER_BEYOND)
        page->out_cons = out_cons + size / 2;
    server_lie = lie;
}

static bool send_reply(void) {
    uint32_t room = size - (in_prod - page->in_cons);
    uint32_t left = reply_length - reply_sent;
    if (!left)
        return false;
    if (server_trickles && left > 1)
        left = 1;
    for (uint32_t i = 0; i < left && i < room; i++)
        in[in_prod++ & (size - 1)] = reply[reply_sent++];
    if (page->in_prod <= in_prod)
        page->in_prod = in_prod;
    return true;
}

bool server_turn(void) {
    if (server_silent)
        return false;
    if (send_reply())
        return true;
    uint32_t there = page->out_prod - out_cons, length;
    if (there < NINEP_HEADER)
        return false;
    for (uint32_t i = 0; i < there && i < sizeof(request); i++)
        request[i] = out[(out_cons + i) & (size - 1)];
    memcpy(&length, request, 4);
    if (length > there || length < NINEP_HEADER)
        abort();
    out_cons += length;
    page->out_cons = out_cons;
    take_request();
    return true;
}
