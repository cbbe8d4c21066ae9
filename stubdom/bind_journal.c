/* host.ts: Journal. */
#include "engine.h"
#include "engine_bytes.h"
#include "fault.h"
#include <string.h>

/* Rows that one call drops: more than are swept in one go. */
#define ROWS_MOST 1024

static int32_t rows[ROWS_MOST];

static uint32_t number(JSValueConst value) {
    return JS_VALUE_GET_TAG(value) == JS_TAG_INT ? (uint32_t)JS_VALUE_GET_INT(value) : 0;
}

static JSValue result(JSContext *ctx, bool good) {
    return good ? JS_UNDEFINED : JS_ThrowOutOfMemory(ctx);
}

static bool put(JSContext *ctx, struct journal_record *record, JSValueConst value) {
    struct engine_bytes bytes;
    if (fault_call(ctx) || !engine_get_bytes(ctx, value, &bytes))
        return false;
    record->value = bytes.data;
    record->value_length = (uint32_t)bytes.length;
    bool good = journal_put(engine.journal, record);
    JS_FreeValue(ctx, bytes.hold);
    if (!good)
        JS_ThrowOutOfMemory(ctx);
    return good;
}

/* node(id, parent, perms, path, nameStart, value) */
static JSValue node(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct engine_bytes path;
    (void)self, (void)count;
    if (!engine_get_bytes(ctx, arguments[3], &path))
        return JS_EXCEPTION;
    size_t start = number(arguments[4]);
    if (start > path.length)
        start = path.length;
    struct journal_record record = {.table = JOURNAL_NODES,
                                    .id = number(arguments[0]),
                                    .parent = number(arguments[1]),
                                    .perms = number(arguments[2]),
                                    .name = path.data + start,
                                    .name_length = (uint32_t)(path.length - start)};
    bool good = put(ctx, &record, arguments[5]);
    JS_FreeValue(ctx, path.hold);
    return good ? JS_UNDEFINED : JS_EXCEPTION;
}

/* state(id, perms, value) */
static JSValue state(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct journal_record record = {.table = JOURNAL_STATES,
                                    .id = number(arguments[0]),
                                    .perms = number(arguments[1])};
    (void)self, (void)count;
    return put(ctx, &record, arguments[2]) ? JS_UNDEFINED : JS_EXCEPTION;
}

static bool drop_row(uint32_t id) {
    return journal_drop(engine.journal, JOURNAL_NODES, id) &&
           journal_drop(engine.journal, JOURNAL_STATES, id);
}

static JSValue gone(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    return result(ctx, drop_row(number(arguments[0])));
}

/* allGone(count): the rows in `rows`. */
static JSValue all_gone(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    bool good = true;
    (void)self, (void)count;
    uint32_t most = number(arguments[0]);
    for (uint32_t i = 0; good && i < most && i < ROWS_MOST; i++)
        good = drop_row((uint32_t)rows[i]);
    return result(ctx, good);
}

static JSValue list(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct journal_record record = {.table = JOURNAL_LISTS, .id = number(arguments[0])};
    (void)self, (void)count;
    return put(ctx, &record, arguments[1]) ? JS_UNDEFINED : JS_EXCEPTION;
}

/* keep(id, text): id negative: a new one. */
static JSValue keep(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    long id = JS_VALUE_GET_TAG(arguments[0]) == JS_TAG_INT ? JS_VALUE_GET_INT(arguments[0]) : -1;
    if (id < 0 && (id = journal_number(engine.journal)) < 0)
        return JS_ThrowOutOfMemory(ctx);
    struct journal_record record = {.table = JOURNAL_KEPT, .id = (uint32_t)id};
    return put(ctx, &record, arguments[1]) ? JS_NewInt32(ctx, (int32_t)id) : JS_EXCEPTION;
}

static JSValue drop(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    return result(ctx, journal_drop(engine.journal, JOURNAL_KEPT, number(arguments[0])));
}

static JSValue commit(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)ctx, (void)self, (void)count, (void)arguments;
    journal_commit(engine.journal);
    return JS_UNDEFINED;
}

static JSValue mark(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewInt32(ctx, (int32_t)journal_mark(engine.journal));
}

static JSValue cancel(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)ctx, (void)self, (void)count;
    journal_cancel(engine.journal, number(arguments[0]));
    return JS_UNDEFINED;
}

/* What next() read last. */
static struct journal_record current;
static const uint32_t *order;
static size_t order_count, order_next;

/* scan(table) -> one more than the highest row or list. */
static JSValue scan(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    enum journal_table table = number(arguments[0]);
    (void)self, (void)count;
    if (table >= JOURNAL_TABLES)
        return JS_ThrowRangeError(ctx, "there is no such table");
    order = NULL;
    if (!journal_scan(engine.journal, table))
        return JS_ThrowOutOfMemory(ctx);
    return JS_NewInt32(ctx, (int32_t)journal_highest(engine.journal, table));
}

/* next() -> the name of a node, or the text; null: that was all. */
static JSValue next(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (!journal_next(engine.journal, &current))
        return JS_NULL;
    engine.header[0] = (int32_t)current.id;
    engine.header[1] = (int32_t)current.parent;
    engine.header[2] = (int32_t)current.perms;
    if (current.table == JOURNAL_NODES)
        return engine_new_bytes(ctx, current.name, current.name_length);
    return engine_new_bytes(ctx, current.value, current.value_length);
}

/* value() -> of the node that next() gave */
static JSValue value(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return engine_new_bytes(ctx, current.value, current.value_length);
}

/* row() -> rows in the order of their making, after the last node; -1: that was all */
static JSValue row(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (!order) {
        order = journal_order(engine.journal, &order_count);
        order_next = 0;
    }
    return JS_NewInt32(ctx, order_next < order_count ? (int32_t)order[order_next++] : -1);
}

static JSValue memory(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewInt64(ctx, (int64_t)journal_memory(engine.journal));
}

int32_t *bind_journal_rows(size_t *size) {
    *size = sizeof(rows);
    return rows;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("node", 6, node),     JS_CFUNC_DEF("state", 3, state),
    JS_CFUNC_DEF("gone", 1, gone),     JS_CFUNC_DEF("allGone", 1, all_gone),
    JS_CFUNC_DEF("list", 2, list),     JS_CFUNC_DEF("keep", 2, keep),
    JS_CFUNC_DEF("drop", 1, drop),     JS_CFUNC_DEF("mark", 0, mark),
    JS_CFUNC_DEF("commit", 0, commit),
    JS_CFUNC_DEF("cancel", 1, cancel), JS_CFUNC_DEF("scan", 1, scan),
    JS_CFUNC_DEF("next", 0, next),     JS_CFUNC_DEF("value", 0, value),
    JS_CFUNC_DEF("row", 0, row),       JS_CFUNC_DEF("memory", 0, memory),
};

const struct binding bind_journal = {functions, sizeof(functions) / sizeof(functions[0])};
