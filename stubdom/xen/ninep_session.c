#include "ninep_session.h"
#include "ninep_message.h"
#include "engine/compiler.h"
#include <string.h>

#define ROOT_FID 0
/* xen-9pfsd lets a share have five: the root and one for each file. */
#define FID_OF(index) ((index) + 1)
#define SMALLEST_MESSAGE 512
#define LARGEST_REPLY 1024
/* Without an answer for so long, lines are better on the console. */
#define PATIENCE 30000
#define MODE 0600

#define ENOENT_ON_LINUX 2

static struct ninep_ring *ring HOT_DATA;
static enum { SHARE_NEW, SHARE_VERSION, SHARE_ATTACHED } share;
static uint32_t most; /* bytes of a message */
static struct file *waiting_for;
static bool busy HOT_DATA; /* a request is on its way */
static uint8_t expected;   /* its type */
static unsigned next_file;
static uint8_t answer[LARGEST_REPLY];
static uint32_t have;
static double started, last_progress;
static bool late HOT_DATA;
static unsigned long requests;

/* --- requests and replies, a row for each step --- */

static void request_walk(struct file *file, struct ninep_request *request, unsigned less) {
    struct name names[NINEP_NAMES_MOST];
    unsigned count = ninep_name_split(file->name, names) - less;
    ninep_put(request, ROOT_FID, 4);
    ninep_put(request, FID_OF(ninep_file_number(file)), 4);
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
    ninep_put(request, FID_OF(ninep_file_number(file)), 4);
}

static void ask_open(struct file *file, struct ninep_request *request) {
    ask_fid(file, request);
    ninep_put(request, NINEP_OPEN_WRITE | (file->truncate ? NINEP_OPEN_TRUNCATE : 0), 1);
}

static void ask_create(struct file *file, struct ninep_request *request) {
    struct name names[NINEP_NAMES_MOST];
    struct name *last = &names[ninep_name_split(file->name, names) - 1];
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
    uint32_t count = ninep_file_next(file, &bytes), room = most - NINEP_HEADER - 16;
    file->sent = request->data = count < room ? count : room;
    ask_fid(file, request);
    ninep_put(request, file->offset, 8);
    ninep_put(request, file->sent, 4);
}

/* `error` 0: the reply is the request's own. False: it is nonsense. */
static bool told_walk(struct file *file, struct ninep_reply *reply, unsigned error) {
    struct name names[NINEP_NAMES_MOST];
    unsigned count = ninep_name_split(file->name, names), walked = error ? 0 : ninep_get(reply, 2);
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
    ninep_file_say(file, "it cannot be reached", error ? error : ENOENT_ON_LINUX);
    ninep_file_fail(file);
    return true;
}

static bool told_parent(struct file *file, struct ninep_reply *reply, unsigned error) {
    struct name names[NINEP_NAMES_MOST];
    file->step = STEP_CREATE;
    if (!error && ninep_get(reply, 2) == ninep_name_split(file->name, names) - 1)
        return true;
    ninep_file_say(file, "its directory cannot be reached", error);
    ninep_file_fail(file);
    return true;
}

static bool told_opened(struct file *file, struct ninep_reply *reply, unsigned error) {
    ninep_skip(reply, NINEP_QID);
    if (error) {
        ninep_file_say(file, "it cannot be opened", error);
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
        ninep_file_say(file, "its end cannot be found", error);
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
        if (!late || !ninep_file_is_log(file))
            ninep_file_consume(file, count);
        return true;
    }
    /* A full disk, most likely: that is asked again when somebody opens it. */
    ninep_file_say(file, "it cannot be written", error);
    clunk(file, ninep_file_is_log(file) ? STEP_FAILED : STEP_OFF);
    return true;
}

static bool told_clunked(struct file *file, struct ninep_reply *reply, unsigned error) {
    (void)reply, (void)error; /* the fid is gone either way */
    if (file->after == STEP_OFF)
        ninep_file_end(file);
    else if (file->after == STEP_FAILED)
        ninep_file_fail(file);
    else
        ninep_file_begin(file);
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
    requests++;
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
    if (file->step != STEP_READY || ninep_file_next(file, &bytes))
        return;
    if (!ninep_file_is_log(file))
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
    for (unsigned i = 0; i < NINEP_FILES; i++) {
        struct file *file = &ninep_files[(next_file + i) % NINEP_FILES];
        const char *data = NULL;
        look_at(file);
        if (!steps[file->step].ask || (file->step == STEP_READY && !ninep_file_next(file, &data)))
            continue;
        start_request(&request, steps[file->step].type, ninep_file_number(file));
        steps[file->step].ask(file, &request);
        next_file = ninep_file_number(file) + 1;
        last_progress = platform_now();
        return send(file, &request, data);
    }
    return true;
}

/* One whole reply is there. False: it is not what was asked for. */
static bool take_reply(struct ninep_header header) {
    struct ninep_reply reply = {.bytes = answer, .length = header.size, .at = NINEP_HEADER};
    uint16_t tag = waiting_for          ? ninep_file_number(waiting_for)
                   : share == SHARE_NEW ? NINEP_NO_TAG
                                        : 0;
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
    for (unsigned i = 0; i < NINEP_FILES; i++) {
        struct file *file = &ninep_files[i];
        if (file->step == STEP_OFF)
            continue;
        file->sent = 0;
        if (ninep_file_is_log(file)) {
            ninep_file_begin(file);
            continue;
        }
        /* What the share has of it is not known. */
        ninep_file_say(file, "it is not whole, the share is gone", 0);
        ninep_file_end(file);
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
    for (unsigned i = 0; i < NINEP_FILES; i++)
        if (ninep_files[i].step != STEP_OFF && ninep_files[i].step != STEP_FAILED &&
            (ninep_files[i].step != STEP_READY || ninep_files[i].head != ninep_files[i].tail ||
             !ninep_file_is_log(&ninep_files[i])))
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
        ninep_file_say_waiting(&ninep_files[i]);
}

/* --- for who writes --- */

bool ninep_session_is_there(void) {
    return ring != NULL;
}

bool ninep_session_is_attached(void) {
    return share == SHARE_ATTACHED;
}

bool ninep_session_is_late(void) {
    return late;
}

unsigned long ninep_session_requests(void) {
    return requests;
}

bool ninep_session_expected(void) {
    return ring || (!late && platform_now() - started < PATIENCE);
}

void ninep_session_changed(void) {
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
