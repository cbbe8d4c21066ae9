/* host.ts: the part of Journal with which a program reads its state. */
#include "arguments.h"
#include "bindings.h"

/* The last record of next(). */
static struct journal_record current;
static const uint32_t *order;
static size_t order_count, order_next;

/* orderInto(ages, high, order): three Int32Arrays with an element for each row. */
static JSValue order_into(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t *columns[3];
    size_t most = SIZE_MAX;
    (void)self, (void)count;
    for (int i = 0; i < 3; i++) {
        const struct engine_list *list = engine_list_of(arguments[i]);
        if (!engine_is_typed(arguments[i]))
            return bind_bug(ctx, "no typed arrays for the order of rows");
        columns[i] = (uint32_t *)list->numbers;
        most = list->count < most ? list->count : most;
    }
    journal_order_into(engine.journal, columns[0], columns[1], columns[2], most);
    return JS_UNDEFINED;
}

/* scan(table) -> one more than the highest number. */
static JSValue scan(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t table;
    (void)self, (void)count;
    if (!bind_below(ctx, arguments[0], JOURNAL_TABLES, &table))
        return JS_EXCEPTION;
    order = NULL;
    if (!journal_scan(engine.journal, table))
        return JS_ThrowOutOfMemory(ctx);
    return JS_NewInt32(ctx, (int32_t)journal_highest(engine.journal, table));
}

/* usedLists(marks): a Uint8Array. */
static JSValue used_lists(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const struct engine_list *marks = engine_list_of(arguments[0]);
    static const enum journal_table tables[] = {JOURNAL_NODES, JOURNAL_STATES};
    struct journal_record r;
    (void)self, (void)count;
    if (!engine_is_typed(arguments[0]))
        return bind_bug(ctx, "no typed array for the lists");
    for (int i = 0; i < 2; i++) {
        if (!journal_scan(engine.journal, tables[i]))
            return JS_ThrowOutOfMemory(ctx);
        while (journal_next(engine.journal, &r))
            if (r.perms < marks->count)
                ((uint8_t *)marks->bytes)[r.perms] = 1;
    }
    return JS_UNDEFINED;
}

/* next() -> the name of a node, or the text; null: there are no more. */
static JSValue next(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (!journal_next(engine.journal, &current))
        return JS_NULL;
    engine.header[HEADER_TYPE] = (int32_t)current.id;
    engine.header[HEADER_REQ_ID] = (int32_t)current.parent;
    engine.header[HEADER_TX_ID] = (int32_t)current.perms;
    if (current.table == JOURNAL_NODES)
        return engine_new_bytes(ctx, current.name, current.name_length);
    return engine_new_bytes(ctx, current.value, current.value_length);
}

/* value() -> the value of the node that next() returned */
static JSValue value(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return engine_new_bytes(ctx, current.value, current.value_length);
}

/* row() -> after the last node: the next row in the order of creation; -1: there are no more */
static JSValue row(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (!order) {
        order = journal_order(engine.journal, &order_count);
        order_next = 0;
    }
    return JS_NewInt32(ctx, order_next < order_count ? (int32_t)order[order_next++] : -1);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("scan", 1, scan),
    JS_CFUNC_DEF("next", 0, next),
    JS_CFUNC_DEF("value", 0, value),
    JS_CFUNC_DEF("row", 0, row),
    JS_CFUNC_DEF("orderInto", 3, order_into),
    JS_CFUNC_DEF("usedLists", 1, used_lists),
};

const struct binding bind_journal_read = {functions, sizeof(functions) / sizeof(functions[0])};
