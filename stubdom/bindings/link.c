/* host.ts: messages, and the life of links. */
#include "paths.h"
#include "arguments.h"
#include "bindings.h"
#include "stubdom/engine/commit.h"
#include "stubdom/engine/memory.h"
#include "stubdom/engine/fault.h"
#include <string.h>
#include <xen/io/xs_wire.h>

static uint32_t number_argument(JSContext *ctx, JSValueConst value) {
    uint32_t number = 0;
    JS_ToUint32(ctx, &number, value);
    return number;
}

/* Looks up the parent of a missing node. The program checks whether the path is valid. */
static COLD void find_parent(const char *path, size_t length) {
    size_t name = length;
    while (path[name - 1] != '/')
        name--;
    engine.header[HEADER_PARENT] = (int32_t)paths_find(engine.paths, path, name > 1 ? name - 1 : 1);
    engine.header[HEADER_NAME] = (int32_t)name;
}

/* Sets the row of an absolute path; and the parent's, if the request would create the node. */
static ALWAYS_INLINE void find_row(const struct header *header, const char *path, size_t length) {
    engine.header[HEADER_ROW] = engine.header[HEADER_PARENT] = -1;
    if (UNLIKELY(engine.header[HEADER_PATH] != PATH_ABSOLUTE || !engine.paths))
        return;
    engine.header[HEADER_ROW] = (int32_t)paths_find_with(engine.paths, path, length, bind_paths_is);
    if (UNLIKELY(engine.header[HEADER_ROW] < 0) && !header->transaction_id &&
        (header->type == XS_WRITE || header->type == XS_MKDIR))
        find_parent(path, length);
}

/* Splits the payload behind its first NUL. Returns the length of the path. */
static ALWAYS_INLINE size_t split_path(const struct message *message) {
    size_t length = message->header.length;
    const char *payload = message->payload;
    size_t path_length = find_nul(payload, length);
    if (path_length < length) {
        engine.rest = payload + path_length + 1;
        engine.rest_length = length - path_length - 1;
        engine.header[HEADER_REST] = (int32_t)engine.rest_length;
    } else {
        path_length = length;
        engine.header[HEADER_REST] = -1;
    }
    /* An empty payload has no first byte. */
    char first = path_length ? payload[0] : '@';
    engine.header[HEADER_PATH] = first == '/'   ? PATH_ABSOLUTE
                                 : first == '@' ? PATH_SPECIAL_OR_EMPTY
                                                : PATH_RELATIVE;
    find_row(&message->header, payload, path_length);
    return path_length;
}

/* There is no memory to serve the message: C answers it. The link's next message waits for a later
 * turn. */
static COLD JSValue refuse(int link) {
    engine_refuse_request();
    link_wake(link);
    return JS_NULL;
}

static COLD JSValue refuse_unmade(JSContext *ctx, int link) {
    JS_FreeValue(ctx, JS_GetException(ctx));
    return refuse(link);
}

/* A request found no room in the journal. */
static bool lacks_room;

bool bind_link_lacks_room(void) {
    if (UNLIKELY(lacks_room))
        lacks_room = !journal_reserve(engine.journal, MESSAGE_MAX);
    return lacks_room;
}

/* The program's next turn() frees memory, though all small blocks may be found. */
static COLD JSValue refuse_without_room(int link) {
    lacks_room = true;
    engine.header[HEADER_DEFERRED_WORK] = 1;
    return refuse(link);
}

/* A new reference to the n-th text of a list. */
static ALWAYS_INLINE JSValue text_at(JSContext *ctx, const struct engine_list *texts, uint32_t n) {
    return n < texts->count ? JS_DupValue(ctx, texts->values[n]) : JS_UNDEFINED;
}

static ALWAYS_INLINE JSValue hand_over(JSContext *ctx, int link, const struct message *message) {
    size_t length = message->header.length;
    JSValue payload;
    engine.request_link = engine.scope_link = link;
    engine.scope_size = HEADER_SIZE + length;
    engine.request = message->header;
    engine.header[HEADER_TYPE] = (int32_t)message->header.type;
    engine.header[HEADER_REQ_ID] = (int32_t)message->header.request_id;
    engine.header[HEADER_TX_ID] = (int32_t)message->header.transaction_id;
    engine.rest = NULL;
    engine.header[HEADER_ROW] = -1;
    if (message->header.type < 32 && PATH_TYPES >> message->header.type & 1)
        length = split_path(message);
    if (engine.header[HEADER_ROW] >= 0) {
        /* The node's path exists as a string. */
        payload = text_at(ctx, engine.text_list, engine.header[HEADER_ROW]);
    } else {
        engine_memory_turn();
        payload = engine_new_bytes(ctx, message->payload, length);
        /* The reserve is used up, too. */
        if (UNLIKELY(JS_IsException(payload)))
            return refuse_unmade(ctx, link);
    }
    engine_memory_request(message->header.type, message->header.transaction_id, link);
    fault_message();
    /* Reserve room for the change of one node, so that its commit cannot fail. */
    if (!journal_reserve(engine.journal, MESSAGE_MAX) &&
        engine_memory_grows(message->header.type)) {
        JS_FreeValue(ctx, payload);
        return refuse_without_room(link);
    }
    return payload;
}

/* The journal has no memory for the last changes: an exception that the program cannot catch, so
 * that it restarts. */
static JSValue no_room(JSContext *ctx) {
    JS_ThrowOutOfMemory(ctx);
    JSValue error = JS_GetException(ctx);
    JS_SetUncatchableError(ctx, error, true);
    return JS_Throw(ctx, error);
}

ALWAYS_INLINE JSValue bind_link_next(JSContext *ctx) {
    struct message message = {.payload = NULL};
    int link = -1;
    enum link_next next = link_next(&link, &message);
    /* What follows is the program's own work, and not limited as the last client's. */
    if (next != NEXT_MESSAGE)
        engine_memory_turn();
    if (next == NEXT_NONE)
        return JS_NULL;
    engine.header[HEADER_LINK] = link;
    return next == NEXT_MESSAGE ? hand_over(ctx, link, &message) : JS_UNDEFINED;
}

static JSValue next(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    engine.request_link = -1;
    if (!engine_commit_point())
        return no_room(ctx);
    return bind_link_next(ctx);
}

static JSValue receive(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct message message;
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    engine.request_link = -1;
    if (!engine_commit_point())
        return no_room(ctx);
    return link_receive(link, &message) ? hand_over(ctx, link, &message) : JS_NULL;
}

static JSValue publish(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (!bind_journal_changed())
        return JS_ThrowOutOfMemory(ctx);
    link_commit();
    journal_commit(engine.journal);
    return JS_UNDEFINED;
}

static JSValue rest(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (fault_call(ctx))
        return JS_EXCEPTION;
    return engine_new_bytes(ctx, engine.rest, engine.rest ? engine.rest_length : 0);
}

static JSValue held(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    /* Whoever is served has its message there, and its replies: that is no part that waits. */
    return JS_NewInt64(ctx, link == engine.scope_link ? 0 : (int64_t)link_buffers(link));
}

static JSValue waiting(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    size_t in, out;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    link_held(link, &in, &out);
    return JS_NewInt64(ctx, (int64_t)(in + out));
}

static JSValue reads(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    return JS_NewInt64(ctx, link_reads(link));
}

static JSValue modest(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    link_set_modest(link, JS_ToBool(ctx, arguments[1]));
    return JS_UNDEFINED;
}

static JSValue set_flow_control(JSContext *ctx, JSValueConst self, int count,
                                JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    link_set_flow_control(link, JS_ToBool(ctx, arguments[1]));
    return JS_UNDEFINED;
}

static JSValue send(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct engine_bytes bytes;
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    struct header header = {
        .type = number_argument(ctx, arguments[1]),
        .request_id = number_argument(ctx, arguments[2]),
        .transaction_id = number_argument(ctx, arguments[3]),
    };
    if (fault_call(ctx) || !engine_get_bytes(ctx, arguments[4], &bytes))
        return JS_EXCEPTION;
    if (bytes.length > PAYLOAD_MAX) {
        JS_FreeValue(ctx, bytes.hold);
        return JS_ThrowRangeError(ctx, "a message of %lu bytes", (unsigned long)bytes.length);
    }
    header.length = bytes.length;
    bool sent = link_send(link, &header, bytes.data);
    JS_FreeValue(ctx, bytes.hold);
    if (link == engine.request_link && header.request_id == engine.request.request_id &&
        header.type != XS_WATCH_EVENT) {
        engine.request_link = -1;
        engine_memory_turn();
    }
    return JS_NewBool(ctx, sent);
}

static JSValue event(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    static char payload[PAYLOAD_MAX];
    struct engine_bytes path, suffix;
    struct header header = {.type = XS_WATCH_EVENT};
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    if (fault_call(ctx) || !engine_get_bytes(ctx, arguments[1], &path))
        return JS_EXCEPTION;
    bool good = engine_get_bytes(ctx, arguments[2], &suffix);
    bool fits = good && path.length + suffix.length <= PAYLOAD_MAX;
    if (fits) {
        memcpy(payload, path.data, path.length);
        memcpy(payload + path.length, suffix.data, suffix.length);
        header.length = (uint32_t)(path.length + suffix.length);
    }
    JS_FreeValue(ctx, path.hold);
    if (!good)
        return JS_EXCEPTION;
    JS_FreeValue(ctx, suffix.hold);
    return JS_NewBool(ctx, fits && link_send(link, &header, payload));
}

ALWAYS_INLINE enum sent bind_link_reply(JSContext *ctx, JSValueConst payload) {
    struct engine_bytes bytes;
    struct header header = engine.request;
    if (UNLIKELY(engine.request_link < 0))
        return SENT;
    if (fault_call(ctx) || !engine_get_here(ctx, payload, &bytes))
        return THREW;
    header.length = bytes.length;
    bool sent = bytes.length <= PAYLOAD_MAX && link_reply(engine.request_link, &header, bytes.data);
    JS_FreeValue(ctx, bytes.hold);
    if (sent) {
        engine.request_link = -1;
        engine_memory_turn();
    }
    return sent ? SENT : NO_ROOM;
}

static JSValue reply(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    enum sent sent = bind_link_reply(ctx, arguments[0]);
    return sent == THREW ? JS_EXCEPTION : JS_NewBool(ctx, sent == SENT);
}

static JSValue open(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    unsigned domid = number_argument(ctx, arguments[0]);
    unsigned port = number_argument(ctx, arguments[1]);
    return JS_NewInt32(ctx, platform_open(domid, port));
}

static JSValue rebind(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    return JS_NewBool(ctx, platform_rebind(link, number_argument(ctx, arguments[1])));
}

static JSValue set_features(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    link_set_features(link, number_argument(ctx, arguments[1]));
    return JS_UNDEFINED;
}

static JSValue shut(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    link_shut(link, number_argument(ctx, arguments[1]));
    return JS_UNDEFINED;
}

/* claim(link, domid) -> enum link_claim */
static JSValue claim(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int domid = -1, link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    JS_ToInt32(ctx, &domid, arguments[1]);
    return JS_NewInt32(ctx, link_claim(link, domid));
}

/* wake, reset, announce, close: the functions whose only argument is a link. */
static JSValue with_link(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments,
                         int which) {
    static void (*const functions[])(int) = {link_wake, link_reset, link_announce, link_leave};
    int link;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    functions[which](link);
    /* The number may be reused before the request is answered. */
    if (functions[which] == link_leave && link == engine.request_link)
        engine.request_link = -1;
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("next", 0, next),
    JS_CFUNC_DEF("receive", 1, receive),
    JS_CFUNC_DEF("publish", 0, publish),
    JS_CFUNC_DEF("setFlowControl", 2, set_flow_control),
    JS_CFUNC_DEF("held", 1, held),
    JS_CFUNC_DEF("waiting", 1, waiting),
    JS_CFUNC_DEF("reads", 1, reads),
    JS_CFUNC_DEF("modest", 2, modest),
    JS_CFUNC_DEF("rest", 0, rest),
    JS_CFUNC_DEF("reply", 1, reply),
    JS_CFUNC_DEF("send", 5, send),
    JS_CFUNC_DEF("event", 3, event),
    JS_CFUNC_DEF("open", 2, open),
    JS_CFUNC_DEF("rebind", 2, rebind),
    JS_CFUNC_DEF("setFeatures", 2, set_features),
    JS_CFUNC_DEF("shut", 2, shut),
    JS_CFUNC_DEF("claim", 2, claim),
    JS_CFUNC_MAGIC_DEF("wake", 1, with_link, 0),
    JS_CFUNC_MAGIC_DEF("reset", 1, with_link, 1),
    JS_CFUNC_MAGIC_DEF("announce", 1, with_link, 2),
    JS_CFUNC_MAGIC_DEF("close", 1, with_link, 3),
};

const struct binding bind_links = {functions, sizeof(functions) / sizeof(functions[0])};
