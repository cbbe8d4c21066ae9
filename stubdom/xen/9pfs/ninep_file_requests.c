#include "ninep_file_requests.h"
#include "engine/compiler.h"

/* xen-9pfsd allows five fids: the root and one for each file. */
#define FID_OF(index) ((index) + 1)
#define MODE 0600

#define ENOENT_ON_LINUX 2

uint32_t ninep_most;
bool ninep_late HOT_DATA;

static void put_walk(struct file *file, struct ninep_request *request, unsigned less) {
    struct name names[NINEP_NAMES_MOST];
    unsigned count = ninep_name_split(file->name, names) - less;
    ninep_put(request, ROOT_FID, 4);
    ninep_put(request, FID_OF(ninep_file_number(file)), 4);
    ninep_put(request, count, 2);
    for (unsigned i = 0; i < count; i++)
        ninep_put_text(request, names[i].text, names[i].length);
}

static void build_walk(struct file *file, struct ninep_request *request) {
    put_walk(file, request, 0);
}

static void build_parent(struct file *file, struct ninep_request *request) {
    put_walk(file, request, 1);
}

static void build_fid(struct file *file, struct ninep_request *request) {
    ninep_put(request, FID_OF(ninep_file_number(file)), 4);
}

static void build_open(struct file *file, struct ninep_request *request) {
    build_fid(file, request);
    ninep_put(request, NINEP_OPEN_WRITE | (file->truncate ? NINEP_OPEN_TRUNCATE : 0), 1);
}

static void build_create(struct file *file, struct ninep_request *request) {
    struct name names[NINEP_NAMES_MOST];
    struct name *last = &names[ninep_name_split(file->name, names) - 1];
    build_fid(file, request);
    ninep_put_text(request, last->text, last->length);
    ninep_put(request, MODE, 4);
    ninep_put(request, NINEP_OPEN_WRITE, 1);
    ninep_put_text(request, "", 0);
}

void ninep_clunk(struct file *file, enum step after) {
    file->step = STEP_CLUNK;
    file->after = after;
}

static void build_write(struct file *file, struct ninep_request *request) {
    const char *bytes;
    uint32_t count = ninep_file_next(file, &bytes), room = ninep_most - NINEP_HEADER - 16;
    file->sent = request->data = count < room ? count : room;
    build_fid(file, request);
    ninep_put(request, file->offset, 8);
    ninep_put(request, file->sent, 4);
}

static bool handle_walk(struct file *file, struct ninep_reply *reply, unsigned error) {
    struct name names[NINEP_NAMES_MOST];
    unsigned count = ninep_name_split(file->name, names), walked = error ? 0 : ninep_get(reply, 2);
    if (!error && walked == count) {
        file->step = STEP_OPEN;
        return true;
    }
    if (walked > count)
        return false;
    /* If the first name is missing, the reply is an error; if another is, a shorter walk. */
    file->step = STEP_PARENT;
    if (walked == count - 1 && (!error || error == ENOENT_ON_LINUX))
        return true;
    ninep_file_say(file, "it cannot be reached", error ? error : ENOENT_ON_LINUX);
    ninep_file_fail(file);
    return true;
}

static bool handle_parent(struct file *file, struct ninep_reply *reply, unsigned error) {
    struct name names[NINEP_NAMES_MOST];
    file->step = STEP_CREATE;
    if (!error && ninep_get(reply, 2) == ninep_name_split(file->name, names) - 1)
        return true;
    ninep_file_say(file, "its directory cannot be reached", error);
    ninep_file_fail(file);
    return true;
}

static bool handle_open(struct file *file, struct ninep_reply *reply, unsigned error) {
    ninep_skip(reply, NINEP_QID);
    if (error) {
        ninep_file_say(file, "it cannot be opened", error);
        ninep_clunk(file, STEP_FAILED);
        return true;
    }
    bool empty = file->truncate || file->step == STEP_CREATE;
    file->truncate = false;
    file->offset = 0;
    file->step = empty ? STEP_READY : STEP_STAT;
    return true;
}

/* Fields of a stat: its size twice, type, device, qid, mode, two times; then the file's length. */
static bool handle_stat(struct file *file, struct ninep_reply *reply, unsigned error) {
    ninep_skip(reply, 2 + 2 + 2 + 4 + NINEP_QID + 4 + 4 + 4);
    file->offset = ninep_get(reply, 8);
    file->step = STEP_READY;
    if (error) {
        ninep_file_say(file, "its end cannot be found", error);
        ninep_clunk(file, STEP_FAILED);
    }
    return true;
}

static bool handle_write(struct file *file, struct ninep_reply *reply, unsigned error) {
    uint32_t sent = file->sent, count = error ? 0 : ninep_get(reply, 4);
    file->sent = 0;
    if (!error && (!count || count > sent))
        return false;
    if (!error) {
        file->offset += count;
        if (!ninep_late || !ninep_file_is_log(file))
            ninep_file_consume(file, count);
        return true;
    }
    /* Probably a full disk. Setting the log again opens the file again. */
    ninep_file_say(file, "it cannot be written", error);
    ninep_clunk(file, ninep_file_is_log(file) ? STEP_FAILED : STEP_OFF);
    return true;
}

static bool handle_clunk(struct file *file, struct ninep_reply *reply, unsigned error) {
    (void)reply, (void)error; /* a failed clunk releases the fid, too */
    if (file->after == STEP_OFF)
        ninep_file_end(file);
    else if (file->after == STEP_FAILED)
        ninep_file_fail(file);
    else
        ninep_file_begin(file);
    return true;
}

const struct ninep_file_request ninep_file_requests[] = {
    [STEP_WALK] = {NINEP_WALK, build_walk, handle_walk},
    [STEP_OPEN] = {NINEP_OPEN, build_open, handle_open},
    [STEP_STAT] = {NINEP_STAT, build_fid, handle_stat},
    [STEP_PARENT] = {NINEP_WALK, build_parent, handle_parent},
    [STEP_CREATE] = {NINEP_CREATE, build_create, handle_open},
    [STEP_READY] = {NINEP_WRITE, build_write, handle_write},
    [STEP_CLUNK] = {NINEP_CLUNK, build_fid, handle_clunk},
    [STEP_FAILED] = {0, NULL, NULL},
};
