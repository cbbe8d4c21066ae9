#include "ninep_session.h"
#include "engine/compiler.h"
#include "ninep_below.h"
#include "ninep_message.h"
#include "ninep_file_requests.h"
#include <string.h>

#define SMALLEST_MESSAGE 512
/* Milliseconds without a reply until lines go to the console. */
#define SHARE_TIMEOUT 30000

static struct ninep_ring *ring HOT_DATA;
static enum { SHARE_NEW, SHARE_VERSION, SHARE_ATTACHED } share;
static struct file *waiting_for;
static bool busy HOT_DATA; /* a request is in flight */
static uint8_t expected;   /* its type */
static bool skipping;      /* the reply is one to the image before */
static unsigned next_file;
static uint8_t answer[NINEP_REPLY_MOST];
static uint32_t have;
static double started, last_progress;
static unsigned long requests;

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

/* Sends the first two requests of a session: version and attach. */
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
        ninep_most = ninep_get(reply, 4);
        share = SHARE_VERSION;
        return ninep_most >= SMALLEST_MESSAGE && ninep_most <= ring->size &&
               ninep_is_text(reply, NINEP_DIALECT);
    }
    ninep_skip(reply, NINEP_QID);
    share = SHARE_ATTACHED;
    ninep_below_say("xenstored: the 9pfs share is attached");
    return true;
}

/* Releases the fid of a file whose bytes are all written, if the file or the log has ended. */
static void look_at(struct file *file) {
    const char *bytes;
    if (file->step != STEP_READY || ninep_file_next(file, &bytes))
        return;
    if (!ninep_file_is_log(file))
        ninep_clunk(file, STEP_OFF);
    else if (file->turning)
        ninep_clunk(file, STEP_WALK);
}

/* Sends the next request, unless one is in flight. False: it does not fit into the ring. */
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
        if (!ninep_file_requests[file->step].build ||
            (file->step == STEP_READY && !ninep_file_next(file, &data)))
            continue;
        start_request(&request, ninep_file_requests[file->step].type, ninep_file_number(file));
        ninep_file_requests[file->step].build(file, &request);
        next_file = ninep_file_number(file) + 1;
        last_progress = platform_now();
        return send(file, &request, data);
    }
    return true;
}

/* Handles a whole reply. False: it does not match the request. */
static bool take_reply(struct ninep_header header) {
    struct ninep_reply reply = {.bytes = answer, .length = header.size, .at = NINEP_HEADER};
    uint16_t tag = waiting_for          ? ninep_file_number(waiting_for)
                   : share == SHARE_NEW ? NINEP_NO_TAG
                                        : 0;
    bool refused = header.type == NINEP_ERROR;
    if (skipping) {
        skipping = busy = false;
        return true;
    }
    if (!busy || header.tag != tag || (!refused && header.type != expected + 1))
        return false;
    unsigned error = refused ? ninep_error(&reply) : 0;
    if (reply.ended)
        return false;
    busy = false;
    if (!waiting_for) {
        bool good = introduced(&reply, error);
        ninep_late = ninep_late && !good;
        return good && !reply.ended;
    }
    bool good = ninep_file_requests[waiting_for->step].handle(waiting_for, &reply, error);
    ninep_late = false;
    /* After an error the rest of the reply is not read. */
    return good && (refused || !reply.ended);
}

/* Takes all replies and sends the next requests. False: a protocol error. */
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
        /* The backend may wait for room. */
        ninep_below_notify();
    }
}

static void forget_share(void) {
    ring = NULL;
    busy = false;
    waiting_for = NULL;
    share = SHARE_NEW;
    have = 0;
    skipping = false;
}

void ninep_session_connected(struct ninep_ring *fresh) {
    ninep_session_gone();
    ring = fresh;
    advance();
}

bool ninep_session_leave(struct ninep_session_state *to) {
    *to = (struct ninep_session_state){.busy = busy, .have = have, .most = ninep_most};
    memcpy(to->answer, answer, sizeof(answer));
    for (unsigned i = 0; i < NINEP_FILES; i++)
        to->turns[i] = ninep_files[i].turn;
    return !ring || (share == SHARE_ATTACHED && ninep_files[NINEP_ONCE].step == STEP_OFF);
}

/*
 * A new session would be cleaner, but xen-9pfsd keeps all fids over a request for a version. So the
 * root's is used, and those of files are released, whether they exist or not.
 */
void ninep_session_continue(const struct ninep_session_state *from, struct ninep_ring *same) {
    ring = same;
    share = SHARE_ATTACHED;
    ninep_most = from->most;
    busy = skipping = from->busy;
    have = from->have;
    memcpy(answer, from->answer, sizeof(answer));
    for (unsigned i = 0; i < NINEP_FILES; i++) {
        struct file *file = &ninep_files[i];
        file->turn = from->turns[i];
        ninep_clunk(file, file->step == STEP_OFF ? STEP_OFF : STEP_WALK);
    }
    advance();
}

void ninep_session_gone(void) {
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
        /* It is unknown how much of the file the share has. */
        ninep_file_say(file, "it is not whole, the share is gone", 0);
        ninep_file_end(file);
    }
}

bool ninep_session_event(void) {
    if (!ring)
        return true;
    if (take_replies())
        return true;
    ninep_below_say("xenstored: the 9pfs share says nonsense and is left alone");
    ninep_session_gone();
    return false;
}

/* Whether a file has something to do. */
static bool wanted(void) {
    for (unsigned i = 0; i < NINEP_FILES; i++)
        if (ninep_files[i].step != STEP_OFF && ninep_files[i].step != STEP_FAILED &&
            (ninep_files[i].step != STEP_READY || ninep_files[i].head != ninep_files[i].tail ||
             !ninep_file_is_log(&ninep_files[i])))
            return true;
    return false;
}

double ninep_session_deadline(void) {
    /* The usual case comes first: a ring, and no request in flight. */
    if ((ninep_late | ((ring != NULL) & !busy)) || !wanted())
        return -1;
    return last_progress + SHARE_TIMEOUT;
}

void ninep_session_timed_out(void) {
    ninep_late = true;
    ninep_below_say("xenstored: the 9pfs share takes nothing, its lines come here");
    for (unsigned i = 0; i < LOG_SINKS; i++)
        ninep_file_say_waiting(&ninep_files[i]);
}

/* --- for ninep_client.c --- */

bool ninep_session_is_there(void) {
    return ring != NULL;
}

bool ninep_session_is_attached(void) {
    return share == SHARE_ATTACHED;
}

bool ninep_session_is_late(void) {
    return ninep_late;
}

unsigned long ninep_session_requests(void) {
    return requests;
}

bool ninep_session_expected(void) {
    return ring || (!ninep_late && platform_now() - started < SHARE_TIMEOUT);
}

void ninep_session_changed(void) {
    if (!busy && ring)
        last_progress = platform_now();
    /* A request that does not fit means that the backend's index is bad: stop and wait for the
     * timeout. */
    if (!advance())
        busy = true;
}

void ninep_session_start(void) {
    started = last_progress = platform_now();
    ninep_late = false;
}
