#include "ninep_files.h"
#include "../log_place.h"
#include "ninep_message.h"
#include <stdio.h>
#include <stdlib.h>

/* What C xenstored calls its directory, wherever the share has it. */
#define HOME "/var/lib/xen/xenstore/"
#define FILES (LOG_SINKS + 1) /* the last one is written once */
#define ONCE LOG_SINKS
#define ROOT_FID 0
/* xen-9pfsd lets a share have five: the root and one for each file. */
#define FID_OF(index) ((index) + 1)
#define LOG_ROOM 16384
/* Of the lines that wait, when they go to the console, whose backlog has 8 KiB. */
#define SAID_MOST 2048
#define NAMES_MOST 8
#define NAME_MOST 240 /* with what numbers an old file */
#define SMALLEST_MESSAGE 512
#define LARGEST_REPLY 1024
/* Without an answer for so long, lines are better on the console. */
#define PATIENCE 30000
#define MODE 0600

#define ENOENT_ON_LINUX 2

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
    struct log_kept log;  /* path NULL: no lines are taken */
    char name[NAME_MOST]; /* of the one that is open, or being opened */
    bool truncate, fresh; /* it is emptied; the next one is to be */
    unsigned turn;        /* which of the files that take turns; 0: the one without a number */
    uint64_t offset;      /* where the next byte goes */
    uint32_t sent;        /* bytes of the request that is on its way */
    /* A log's bytes: a circle of LOG_ROOM, by free-running indexes. */
    char *circle;
    uint32_t head, tail;
    bool turning; /* from byte turn_at on, they are another file's */
    uint32_t turn_at;
    unsigned long lost;
    /* Those of a file that is written once. */
    struct piece *first, **last;
    size_t taken; /* of the first piece */
};

static struct ninep_ring *ring;
static struct file files[FILES];
static enum { SHARE_NEW, SHARE_VERSION, SHARE_ATTACHED } share;
static uint32_t most; /* bytes of a message */
static struct file *waiting_for;
static bool busy;        /* a request is on its way */
static uint8_t expected; /* its type */
static unsigned next_file;
static uint8_t answer[LARGEST_REPLY];
static uint32_t have;
static double started, last_progress;
static bool late;
static struct ninep_figures figures;

static unsigned number_of(const struct file *file) {
    return file - files;
}

static bool is_log(const struct file *file) {
    return number_of(file) < LOG_SINKS;
}

/* --- names --- */

/* The name within the share; NULL: it cannot be there. */
static const char *below_share(const char *path) {
    if (strncmp(path, HOME, strlen(HOME)) == 0)
        path += strlen(HOME);
    return *path == '/' || !*path || strlen(path) > NAME_MOST - 16 ? NULL : path;
}

struct name {
    const char *text;
    size_t length;
};

/* Cuts a name at its slashes. Returns how many there are; 0: the share would refuse it. */
static unsigned split(const char *path, struct name *names) {
    unsigned count = 0;
    for (const char *at = path;; count++) {
        const char *end = strchr(at, '/');
        size_t length = end ? (size_t)(end - at) : strlen(at);
        bool dots = at[0] == '.' && (length == 1 || (length == 2 && at[1] == '.'));
        if (!length || dots || count == NAMES_MOST)
            return 0;
        names[count] = (struct name){at, length};
        if (!end)
            return count + 1;
        at = end + 1;
    }
}

static void say(const struct file *file, const char *what, unsigned error) {
    char line[NAME_MOST + 96];
    snprintf(line, sizeof(line), "xenstored: %s on the 9pfs share: %s, error %u", file->name, what,
             error);
    ninep_below_say(line);
}

/* --- what waits --- */

static void drop_piece(struct file *file) {
    struct piece *piece = file->first;
    file->first = piece->next;
    if (!file->first)
        file->last = &file->first;
    file->taken = 0;
    free(piece);
}

/* The next bytes that are one behind the other; 0: none for this file. */
static uint32_t next_bytes(const struct file *file, const char **bytes) {
    if (!is_log(file)) {
        *bytes = file->first ? file->first->bytes + file->taken : NULL;
        return file->first ? file->first->length - file->taken : 0;
    }
    uint32_t count = (file->turning ? file->turn_at : file->head) - file->tail;
    uint32_t end = LOG_ROOM - file->tail % LOG_ROOM;
    *bytes = file->circle + file->tail % LOG_ROOM;
    return count < end ? count : end;
}

static void consume(struct file *file, uint32_t count) {
    if (is_log(file)) {
        file->tail += count;
        return;
    }
    file->taken += count;
    if (file->first && file->taken == file->first->length)
        drop_piece(file);
}

/* All of it, or nothing. */
static void put(struct file *file, const char *bytes, size_t length) {
    if (length > LOG_ROOM - (file->head - file->tail))
        return;
    uint32_t at = file->head % LOG_ROOM;
    size_t part = length < LOG_ROOM - at ? length : LOG_ROOM - at;
    memcpy(file->circle + at, bytes, part);
    memcpy(file->circle, bytes + part, length - part);
    file->head += length;
}

/* A line, and before it how many were lost; or nothing, and that is one more. */
static void put_line(struct file *file, const char *line, size_t length) {
    char note[48];
    int size =
        file->lost ? snprintf(note, sizeof(note), "%lu lines were left out\n", file->lost) : 0;
    if (LOG_ROOM - (file->head - file->tail) <= size + length) {
        file->lost++;
        figures.lines_lost++;
        return;
    }
    file->lost = 0;
    put(file, note, size);
    put(file, line, length);
    put(file, "\n", 1);
}

/* Nobody writes into it any more. */
static void end_file(struct file *file) {
    while (file->first)
        drop_piece(file);
    free(file->circle);
    log_forget(&file->log);
    *file = (struct file){.last = &file->first};
}

/* Opens what is to be written from here on, if anything is. */
static void begin_file(struct file *file) {
    file->turning = false;
    if (!file->log.path) {
        end_file(file);
        return;
    }
    int length = snprintf(file->name, NAME_MOST, "%s", below_share(file->log.path));
    if (file->turn)
        snprintf(file->name + length, NAME_MOST - length, ".%u", file->turn);
    file->truncate = file->fresh;
    file->fresh = false;
    file->step = STEP_WALK;
}

/* The last lines that wait for a file. The console would not keep all of them. */
static void say_waiting(struct file *file) {
    char line[1024];
    uint32_t length = 0, end = file->turning ? file->turn_at : file->head;
    bool whole = end - file->tail <= SAID_MOST;
    for (; !whole || end - file->tail > SAID_MOST; file->tail++) {
        bool last = file->circle[file->tail % LOG_ROOM] == '\n';
        file->lost += last;
        figures.lines_lost += last;
        whole = last && end - file->tail - 1 <= SAID_MOST;
    }
    for (; file->circle && file->tail != end; file->tail++) {
        char byte = file->circle[file->tail % LOG_ROOM];
        if (byte != '\n')
            line[length++] = byte;
        if (byte == '\n' || length == sizeof(line) - 1) {
            line[length] = '\0';
            ninep_below_say(line);
            length = 0;
        }
    }
}

/* It has no fid. Another that is to come in its place is tried. */
static void fail(struct file *file) {
    file->step = STEP_FAILED;
    say_waiting(file);
    if (file->turning)
        begin_file(file);
}

/* --- requests and replies, a row for each step --- */

static void request_walk(struct file *file, struct ninep_request *request, unsigned less) {
    struct name names[NAMES_MOST];
    unsigned count = split(file->name, names) - less;
    ninep_put(request, ROOT_FID, 4);
    ninep_put(request, FID_OF(number_of(file)), 4);
    ninep_put(request, count, 2);
    for (unsigned i = 0; i < count; i++)
        ninep_put_text(request, names[i].text, names[i].length);
}

static void ask_walk(struct file *file, struct ninep_request *request) {
    request_walk(file, request, 0);
}

static void ask_parent(struct file *file, struct ninep_request *request) {
    request_walk(file, request, 1);
}

static void ask_fid(struct file *file, struct ninep_request *request) {
    ninep_put(request, FID_OF(number_of(file)), 4);
}

static void ask_open(struct file *file, struct ninep_request *request) {
    ask_fid(file, request);
    ninep_put(request, NINEP_OPEN_WRITE | (file->truncate ? NINEP_OPEN_TRUNCATE : 0), 1);
}

static void ask_create(struct file *file, struct ninep_request *request) {
    struct name names[NAMES_MOST];
    struct name *last = &names[split(file->name, names) - 1];
    ask_fid(file, request);
    ninep_put_text(request, last->text, last->length);
    ninep_put(request, MODE, 4);
    ninep_put(request, NINEP_OPEN_WRITE, 1);
    ninep_put_text(request, "", 0);
}

static void clunk(struct file *file, enum step after) {
    file->step = STEP_CLUNK;
    file->after = after;
}

static void ask_write(struct file *file, struct ninep_request *request) {
    const char *bytes;
    uint32_t count = next_bytes(file, &bytes), room = most - NINEP_HEADER - 16;
    file->sent = request->data = count < room ? count : room;
    ask_fid(file, request);
    ninep_put(request, file->offset, 8);
    ninep_put(request, file->sent, 4);
}

/* `error` 0: the reply is the request's own. False: it is nonsense. */
static bool told_walk(struct file *file, struct ninep_reply *reply, unsigned error) {
    struct name names[NAMES_MOST];
    unsigned count = split(file->name, names), walked = error ? 0 : ninep_get(reply, 2);
    if (!error && walked == count) {
        file->step = STEP_OPEN;
        return true;
    }
    if (walked > count)
        return false;
    /* A share says so if the first name is not there, and how far it came otherwise. */
    file->step = STEP_PARENT;
    if (walked == count - 1 && (!error || error == ENOENT_ON_LINUX))
        return true;
    say(file, "it cannot be reached", error ? error : ENOENT_ON_LINUX);
    fail(file);
    return true;
}

static bool told_parent(struct file *file, struct ninep_reply *reply, unsigned error) {
    struct name names[NAMES_MOST];
    file->step = STEP_CREATE;
    if (!error && ninep_get(reply, 2) == split(file->name, names) - 1)
        return true;
    say(file, "its directory cannot be reached", error);
    fail(file);
    return true;
}

static bool told_opened(struct file *file, struct ninep_reply *reply, unsigned error) {
    ninep_skip(reply, NINEP_QID);
    if (error) {
        say(file, "it cannot be opened", error);
        clunk(file, STEP_FAILED);
        return true;
    }
    bool empty = file->truncate || file->step == STEP_CREATE;
    file->truncate = false;
    file->offset = 0;
    file->step = empty ? STEP_READY : STEP_STAT;
    return true;
}

/* Of a stat: its size twice, type, device, qid, mode, two times, and then the file's length. */
static bool told_stat(struct file *file, struct ninep_reply *reply, unsigned error) {
    ninep_skip(reply, 2 + 2 + 2 + 4 + NINEP_QID + 4 + 4 + 4);
    file->offset = ninep_get(reply, 8);
    file->step = STEP_READY;
    if (error) {
        say(file, "its end cannot be found", error);
        clunk(file, STEP_FAILED);
    }
    return true;
}

static bool told_written(struct file *file, struct ninep_reply *reply, unsigned error) {
    uint32_t sent = file->sent, count = error ? 0 : ninep_get(reply, 4);
    file->sent = 0;
    if (!error && (!count || count > sent))
        return false;
    if (!error) {
        file->offset += count;
        if (!late || !is_log(file))
            consume(file, count);
        return true;
    }
    /* A full disk, most likely: that is asked again when somebody opens it. */
    say(file, "it cannot be written", error);
    clunk(file, is_log(file) ? STEP_FAILED : STEP_OFF);
    return true;
}

static bool told_clunked(struct file *file, struct ninep_reply *reply, unsigned error) {
    (void)reply, (void)error; /* the fid is gone either way */
    if (file->after == STEP_OFF)
        end_file(file);
    else if (file->after == STEP_FAILED)
        fail(file);
    else
        begin_file(file);
    return true;
}

static const struct {
    enum ninep_type type;
    void (*ask)(struct file *, struct ninep_request *);
    bool (*told)(struct file *, struct ninep_reply *, unsigned error);
} steps[] = {
    [STEP_WALK] = {NINEP_WALK, ask_walk, told_walk},
    [STEP_OPEN] = {NINEP_OPEN, ask_open, told_opened},
    [STEP_STAT] = {NINEP_STAT, ask_fid, told_stat},
    [STEP_PARENT] = {NINEP_WALK, ask_parent, told_parent},
    [STEP_CREATE] = {NINEP_CREATE, ask_create, told_opened},
    [STEP_READY] = {NINEP_WRITE, ask_write, told_written},
    [STEP_CLUNK] = {NINEP_CLUNK, ask_fid, told_clunked},
    [STEP_FAILED] = {0, NULL, NULL},
};

/* --- the share --- */

static bool send(struct file *file, struct ninep_request *request, const void *data) {
    if (!ninep_end(request) || !ninep_ring_put(ring, request->bytes, request->length) ||
        (request->data && !ninep_ring_put(ring, data, request->data)))
        return false;
    ninep_ring_publish(ring);
    busy = true;
    waiting_for = file;
    figures.requests++;
    ninep_below_notify();
    return true;
}

static void start_request(struct ninep_request *request, enum ninep_type type, uint16_t tag) {
    expected = type;
    ninep_begin(request, type, tag);
}

/* The first requests of a share are about itself. */
static bool introduce(void) {
    struct ninep_request request;
    if (share == SHARE_NEW) {
        start_request(&request, NINEP_VERSION, NINEP_NO_TAG);
        ninep_put(&request, ring->size, 4);
        ninep_put_text(&request, NINEP_DIALECT, strlen(NINEP_DIALECT));
    } else {
        start_request(&request, NINEP_ATTACH, 0);
        ninep_put(&request, ROOT_FID, 4);
        ninep_put(&request, NINEP_NO_FID, 4);
        ninep_put_text(&request, "", 0);
        ninep_put_text(&request, "", 0);
        ninep_put(&request, 0, 4); /* the user's number */
    }
    return send(NULL, &request, NULL);
}

static bool introduced(struct ninep_reply *reply, unsigned error) {
    if (error)
        return false;
    if (share == SHARE_NEW) {
        most = ninep_get(reply, 4);
        share = SHARE_VERSION;
        return most >= SMALLEST_MESSAGE && most <= ring->size &&
               ninep_is_text(reply, NINEP_DIALECT);
    }
    ninep_skip(reply, NINEP_QID);
    share = SHARE_ATTACHED;
    ninep_below_say("xenstored: the 9pfs share is attached");
    return true;
}

/* What a file that is ready has to do besides writing. */
static void look_at(struct file *file) {
    const char *bytes;
    if (file->step != STEP_READY || next_bytes(file, &bytes))
        return;
    if (!is_log(file))
        clunk(file, STEP_OFF);
    else if (file->turning)
        clunk(file, STEP_WALK);
}

/* Sends the next request, if there is any and none is on its way. False: it does not fit. */
static bool advance(void) {
    struct ninep_request request;
    if (!ring || busy)
        return true;
    if (share != SHARE_ATTACHED)
        return introduce();
    for (unsigned i = 0; i < FILES; i++) {
        struct file *file = &files[(next_file + i) % FILES];
        const char *data = NULL;
        look_at(file);
        if (!steps[file->step].ask || (file->step == STEP_READY && !next_bytes(file, &data)))
            continue;
        start_request(&request, steps[file->step].type, number_of(file));
        steps[file->step].ask(file, &request);
        next_file = number_of(file) + 1;
        last_progress = platform_now();
        return send(file, &request, data);
    }
    return true;
}

/* One whole reply is there. False: it is not what was asked for. */
static bool take_reply(struct ninep_header header) {
    struct ninep_reply reply = {.bytes = answer, .length = header.size, .at = NINEP_HEADER};
    uint16_t tag = waiting_for ? number_of(waiting_for) : share == SHARE_NEW ? NINEP_NO_TAG : 0;
    bool refused = header.type == NINEP_ERROR;
    if (!busy || header.tag != tag || (!refused && header.type != expected + 1))
        return false;
    unsigned error = refused ? ninep_error(&reply) : 0;
    if (reply.ended)
        return false;
    busy = false;
    if (!waiting_for) {
        bool good = introduced(&reply, error);
        late = late && !good;
        return good && !reply.ended;
    }
    bool good = steps[waiting_for->step].told(waiting_for, &reply, error);
    late = false;
    /* Of a refusal nothing more is read. */
    return good && (refused || !reply.ended);
}

/* False: the other side says nonsense. */
static bool take_replies(void) {
    for (;;) {
        uint32_t wanted = NINEP_HEADER;
        struct ninep_header header = {0};
        if (have >= NINEP_HEADER) {
            header = ninep_header(answer);
            wanted = header.size;
            if (wanted < NINEP_HEADER || wanted > sizeof(answer))
                return false;
        }
        if (have == wanted) {
            have = 0;
            if (!take_reply(header) || !advance())
                return false;
            continue;
        }
        int count = ninep_ring_take(ring, answer + have, wanted - have);
        if (count <= 0)
            return count == 0;
        have += count;
        /* There is room for the other side again. */
        ninep_below_notify();
    }
}

static void forget_share(void) {
    ring = NULL;
    busy = false;
    waiting_for = NULL;
    share = SHARE_NEW;
    have = 0;
}

void ninep_files_connected(struct ninep_ring *fresh) {
    ninep_files_gone();
    ring = fresh;
    advance();
}

void ninep_files_gone(void) {
    forget_share();
    last_progress = platform_now();
    for (unsigned i = 0; i < FILES; i++) {
        struct file *file = &files[i];
        if (file->step == STEP_OFF)
            continue;
        file->sent = 0;
        if (is_log(file)) {
            begin_file(file);
            continue;
        }
        /* What the share has of it is not known. */
        say(file, "it is not whole, the share is gone", 0);
        end_file(file);
    }
}

bool ninep_files_event(void) {
    if (!ring)
        return true;
    if (take_replies())
        return true;
    ninep_below_say("xenstored: the 9pfs share says nonsense and is left alone");
    ninep_files_gone();
    return false;
}

/* Whether somebody waits for the share. */
static bool wanted(void) {
    for (unsigned i = 0; i < FILES; i++)
        if (files[i].step != STEP_OFF && files[i].step != STEP_FAILED &&
            (files[i].step != STEP_READY || files[i].head != files[i].tail || !is_log(&files[i])))
            return true;
    return false;
}

double ninep_files_deadline(void) {
    /* At most times the ring is there, and nothing is on its way. */
    if ((late | ((ring != NULL) & !busy)) || !wanted())
        return -1;
    return last_progress + PATIENCE;
}

void ninep_files_late(void) {
    late = true;
    ninep_below_say("xenstored: the 9pfs share takes nothing, its lines come here");
    for (unsigned i = 0; i < LOG_SINKS; i++)
        say_waiting(&files[i]);
}

/* --- who writes --- */

/* Whether a share is there, or may still come. */
static bool expects_share(void) {
    return ring || (!late && platform_now() - started < PATIENCE);
}

static void changed(void) {
    if (!busy && ring)
        last_progress = platform_now();
    /* A request that does not fit is a lie of the other side's: no answer comes. */
    if (!advance())
        busy = true;
}

void ninep_files_start(void) {
    started = last_progress = platform_now();
    late = false;
}

/* What is put from here on is for what file->log says now. */
static void turn(struct file *file) {
    bool idle = !ring || file->step == STEP_OFF || file->step == STEP_FAILED;
    file->turning = true;
    file->turn_at = file->head;
    if (idle)
        begin_file(file);
}

/* Nothing can be appended there, only written at a place: two would write over each other. */
static bool is_taken(const struct file *by, const char *name) {
    for (unsigned i = 0; i < LOG_SINKS; i++)
        if (&files[i] != by && files[i].log.path &&
            strcmp(below_share(files[i].log.path), name) == 0)
            return true;
    return false;
}

const char *ninep_files_open_log(unsigned sink, const struct log_place *place) {
    struct file *file = &files[sink];
    struct name names[NAMES_MOST];
    struct log_kept next;
    if (!*place->path) {
        log_forget(&file->log);
        turn(file);
        changed();
        return NULL;
    }
    const char *name = below_share(place->path);
    if (log_is_syslog(place->path))
        return "There is no system's log here.";
    if (!name || !split(name, names))
        return "File not accessible.";
    if (is_taken(file, name))
        return "Another log is in that file.";
    if (!expects_share())
        return "There are no files here.";
    char *circle = file->circle ? file->circle : malloc(LOG_ROOM);
    if (!circle || !log_keep(&next, place)) {
        if (!file->circle)
            free(circle);
        return "no memory";
    }
    file->circle = circle;
    log_forget(&file->log);
    file->log = next;
    file->turn = 0;
    file->fresh = false;
    turn(file);
    put(file, next.mark, strlen(next.mark));
    changed();
    return NULL;
}

/* Nothing can be renamed there: the files take turns, and the one that comes next is emptied. */
static void begin_next(struct file *file) {
    if (file->step != STEP_READY || file->turning)
        return;
    file->turn = (file->turn + 1) % (file->log.files + 1);
    file->fresh = true;
    turn(file);
    put(file, file->log.mark, strlen(file->log.mark));
}

bool ninep_files_write_log(unsigned sink, const char *line, size_t length) {
    struct file *file = &files[sink];
    if (!file->log.path || late || file->step == STEP_FAILED ||
        (file->step == STEP_CLUNK && file->after == STEP_FAILED))
        return false;
    if (log_counts(&file->log))
        begin_next(file);
    put_line(file, line, length);
    changed();
    return true;
}

static const char *begin_once(struct file *file, const char *path) {
    struct name names[NAMES_MOST];
    const char *name = below_share(path);
    if (!name || !split(name, names))
        return "File not accessible.";
    if (share != SHARE_ATTACHED)
        return "There are no files here.";
    if (file->step != STEP_OFF)
        return "Another file is being written.";
    file->last = &file->first;
    if (!log_keep(&file->log, &(struct log_place){.path = path, .mark = ""}))
        return "no memory";
    file->fresh = true;
    begin_file(file);
    return NULL;
}

const char *ninep_files_write(const char *path, const char *bytes, size_t length) {
    struct file *file = &files[ONCE];
    if (!bytes) {
        const char *wrong = begin_once(file, path);
        if (!wrong)
            changed();
        return wrong;
    }
    struct piece *piece = length ? malloc(sizeof(*piece) + length) : NULL;
    if (length && !piece) {
        say(file, "there is no memory for what is to be in it", 0);
        while (file->first)
            drop_piece(file);
        return "no memory";
    }
    if (!piece)
        return NULL;
    piece->next = NULL;
    piece->length = length;
    memcpy(piece->bytes, bytes, length);
    *file->last = piece;
    file->last = &piece->next;
    return NULL;
}

struct ninep_figures ninep_files_figures(void) {
    figures.attached = share == SHARE_ATTACHED;
    return figures;
}
