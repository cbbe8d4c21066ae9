/* host.ts: Journal. */
#include "arguments.h"
#include "bindings.h"
#include "stubdom/engine/fault.h"
#include "engine/compiler.h"
#include <string.h>

/* Rows that one call of released() drops: more than one slice of a sweep. */
#define ROWS_MOST 1024
/* Bytes of a note: a message, or a watch's path and token, and the numbers. */
#define NOTE_MOST (2 * PAYLOAD_MAX + 256)

static int32_t rows[ROWS_MOST];
static int32_t changed HOT_DATA; /* rows that are read at the commit point */

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

static void look_at_columns(void) {
    const JSValue *column = engine.column_arrays;
    engine.columns = (struct columns){.rows = engine_list_of(column[COLUMN_ROWS]),
                                      .paths = engine_list_of(column[COLUMN_PATHS]),
                                      .values = engine_list_of(column[COLUMN_VALUES]),
                                      .parent = engine_list_of(column[COLUMN_PARENT]),
                                      .perms = engine_list_of(column[COLUMN_PERMS_OF]),
                                      .flags = engine_list_of(column[COLUMN_FLAGS])};
}

void bind_journal_no_columns(void) {
    for (size_t i = 0; i < COLUMNS; i++)
        engine.column_arrays[i] = JS_UNDEFINED;
    look_at_columns();
}

/* columns(columns): an object with the arrays as properties. */
static JSValue columns(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    static const char *const names[COLUMNS] = {COLUMN_NAMES};
    JSValue *column = engine.column_arrays;
    (void)self, (void)count;
    for (size_t i = 0; i < COLUMNS; i++) {
        JS_FreeValue(ctx, column[i]);
        column[i] = JS_GetPropertyStr(ctx, arguments[0], names[i]);
    }
    look_at_columns();
    for (size_t i = 0; i < COLUMNS; i++)
        if (!JS_IsObject(column[i]))
            return bind_bug(ctx, names[i]);
    const struct columns *c = &engine.columns;
    uint32_t rows_there = c->parent->count;
    if (!engine_is_typed(column[COLUMN_PARENT]) || c->perms->count != rows_there ||
        c->flags->count != rows_there)
        return bind_bug(ctx, "columns of several lengths");
    return JS_UNDEFINED;
}

/* places(rows): then a change of a row needs no memory for its place. */
static JSValue places(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    uint32_t most;
    if (fault_call(ctx) || !bind_below(ctx, arguments[0], INT32_MAX, &most))
        return JS_EXCEPTION;
    return result(ctx, journal_places(engine.journal, JOURNAL_NODES, most) &&
                           journal_places(engine.journal, JOURNAL_STATES, most));
}

static COLD bool drop_row(uint32_t id) {
    return journal_drop(engine.journal, JOURNAL_NODES, id) &&
           (!journal_has(engine.journal, JOURNAL_STATES, id) ||
            journal_drop(engine.journal, JOURNAL_STATES, id));
}

/* The store grew and did not show its new columns: nothing of the old ones may count. */
static COLD bool stale_columns(void) {
    static const char line[] = "bug: the journal was not shown the columns of the store";
    platform_log(line, sizeof(line) - 1);
    return false;
}

/* A text of a row; to be let go of. */
static ALWAYS_INLINE bool text_of(const struct engine_list *texts, uint32_t row,
                                  struct engine_bytes *bytes) {
    *bytes = (struct engine_bytes){.data = "", .hold = JS_UNDEFINED};
    if (UNLIKELY(row >= texts->count))
        return stale_columns();
    if (engine_get_here(engine.context, texts->values[row], bytes))
        return true;
    JS_FreeValue(engine.context, JS_GetException(engine.context));
    return false;
}

/* The offset of a child's name in its path. */
static size_t name_start(int32_t parent) {
    const struct engine_list *paths = engine.columns.paths;
    if (parent < 0 || (uint32_t)parent >= paths->count)
        return 0;
    size_t length = engine_length(paths->values[parent]);
    return length > 1 ? length + 1 : length; /* the root's path is the slash itself */
}

static COLD bool tell_node(uint32_t id, const struct engine_bytes *value) {
    struct engine_bytes path;
    if (!text_of(engine.columns.paths, id, &path))
        return false;
    int32_t parent = engine.columns.parent->numbers[id];
    size_t start = name_start(parent);
    struct journal_record record = {.table = JOURNAL_NODES,
                                    .id = id,
                                    .parent = (uint32_t)parent,
                                    .perms = (uint32_t)engine.columns.perms->numbers[id],
                                    .name = path.data + start,
                                    .name_length =
                                        path.length > start ? (uint32_t)(path.length - start) : 0,
                                    .value = value->data,
                                    .value_length = (uint32_t)value->length};
    bool good = journal_put(engine.journal, &record);
    JS_FreeValue(engine.context, path.hold);
    return good;
}

static ALWAYS_INLINE bool tell_state(uint32_t id, const struct engine_bytes *value) {
    struct journal_record record = {.table = JOURNAL_STATES,
                                    .id = id,
                                    .perms = (uint32_t)engine.columns.perms->numbers[id],
                                    .value = value->data,
                                    .value_length = (uint32_t)value->length};
    return journal_put_state(engine.journal, &record);
}

/* The value that the node was made with goes. */
static COLD bool tell_first_state(uint32_t id) {
    const struct columns *c = &engine.columns;
    if (id >= c->paths->count || id >= c->parent->count)
        return stale_columns();
    size_t length = engine_length(c->paths->values[id]);
    size_t start = name_start(c->parent->numbers[id]);
    return journal_first_state(engine.journal, id, length > start ? length - start : 0);
}

/* A row as it is now: gone, new, or other than before. */
static ALWAYS_INLINE bool tell_row(uint32_t id) {
    const struct columns *c = &engine.columns;
    struct engine_bytes value;
    if (UNLIKELY(id >= c->flags->count))
        return stale_columns();
    if (!(c->flags->bytes[id] & FLAG_LINKED))
        return drop_row(id);
    if (!text_of(c->values, id, &value))
        return false;
    bool good = true;
    if (!journal_has(engine.journal, JOURNAL_NODES, id))
        good = tell_node(id, &value);
    else if (UNLIKELY(!journal_has(engine.journal, JOURNAL_STATES, id)))
        good = tell_first_state(id) && tell_state(id, &value);
    else
        good = tell_state(id, &value);
    JS_FreeValue(engine.context, value.hold);
    return good;
}

static ALWAYS_INLINE bool tell_rows(uint32_t most) {
    const struct engine_list *list = engine.columns.rows;
    size_t mark = journal_mark(engine.journal);
    if (UNLIKELY(most > list->count))
        return stale_columns();
    for (uint32_t i = 0; i < most; i++) {
        if (tell_row((uint32_t)JS_VALUE_GET_INT(list->values[i])))
            continue;
        journal_cancel(engine.journal, mark);
        return false;
    }
    return true;
}

ALWAYS_INLINE bool bind_journal_changed(void) {
    uint32_t count = (uint32_t)changed;
    if (!count)
        return true;
    changed = 0;
    return tell_rows(count);
}

/* changes(count): stages the first `count` rows of the column `rows`, all or none. */
static JSValue changes(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    uint32_t most;
    if (fault_call(ctx) || !bind_below(ctx, arguments[0], engine.columns.rows->count + 1, &most))
        return JS_EXCEPTION;
    return result(ctx, tell_rows(most));
}

/* reserve(count): room for that many drops. */
static JSValue reserve(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    uint32_t most;
    if (fault_call(ctx) || !bind_below(ctx, arguments[0], INT32_MAX, &most))
        return JS_EXCEPTION;
    return result(ctx, journal_reserve_staged(engine.journal, most));
}

/* released(count): drops the first `count` rows of journal.rows, for which there is room. */
static JSValue released(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    bool good = true;
    (void)self, (void)count;
    uint32_t most;
    if (!bind_below(ctx, arguments[0], ROWS_MOST + 1, &most))
        return JS_EXCEPTION;
    for (uint32_t i = 0; good && i < most; i++)
        good = drop_row((uint32_t)rows[i]);
    return good ? JS_UNDEFINED : bind_bug(ctx, "rows released without room for them");
}

static JSValue list(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct journal_record record = {.table = JOURNAL_LISTS};
    (void)self, (void)count;
    if (!bind_below(ctx, arguments[0], INT32_MAX, &record.id))
        return JS_EXCEPTION;
    return put(ctx, &record, arguments[1]) ? JS_UNDEFINED : JS_EXCEPTION;
}

/* keep(id, text) -> id. A negative id: a new one. */
static JSValue keep(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    long id = JS_VALUE_GET_TAG(arguments[0]) == JS_TAG_INT ? JS_VALUE_GET_INT(arguments[0]) : -1;
    bool fresh = id < 0;
    if (fresh && (id = journal_number(engine.journal)) < 0)
        return JS_ThrowOutOfMemory(ctx);
    struct journal_record record = {.table = JOURNAL_TEXTS, .id = (uint32_t)id};
    if (put(ctx, &record, arguments[1]))
        return JS_NewInt32(ctx, (int32_t)id);
    if (fresh)
        journal_number_back(engine.journal, (uint32_t)id);
    return JS_EXCEPTION;
}

/* Writes an integer and a comma; returns the end. */
static char *put_number(char *to, JSValueConst value, JSContext *ctx) {
    int64_t number = 0;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_INT)
        number = JS_VALUE_GET_INT(value);
    else
        JS_ToInt64(ctx, &number, value);
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    char digits[24];
    int count = 0;
    do
        digits[count++] = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        *to++ = '-';
    while (count > 0)
        *to++ = digits[--count];
    *to++ = ',';
    return to;
}

/* note(id, kind, a, b, c, d, e, text) -> id: keeps "kind", five numbers and the text. */
static JSValue note(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    static char text[NOTE_MOST];
    struct engine_bytes kind, rest;
    char *end = text;
    (void)self, (void)count;
    if (fault_call(ctx) || !engine_get_bytes(ctx, arguments[1], &kind))
        return JS_EXCEPTION;
    *end++ = kind.length ? kind.data[0] : '?';
    JS_FreeValue(ctx, kind.hold);
    for (int i = 2; i < 7; i++)
        end = put_number(end, arguments[i], ctx);
    if (!engine_get_bytes(ctx, arguments[7], &rest))
        return JS_EXCEPTION;
    bool fits = rest.length <= (size_t)(text + sizeof(text) - end);
    if (fits)
        memcpy(end, rest.data, rest.length);
    end += fits ? rest.length : 0;
    JS_FreeValue(ctx, rest.hold);
    long id = JS_VALUE_GET_TAG(arguments[0]) == JS_TAG_INT ? JS_VALUE_GET_INT(arguments[0]) : -1;
    if (!fits)
        return JS_ThrowRangeError(ctx, "a note is too long");
    bool fresh = id < 0;
    if (fresh && (id = journal_number(engine.journal)) < 0)
        return JS_ThrowOutOfMemory(ctx);
    struct journal_record record = {.table = JOURNAL_TEXTS,
                                    .id = (uint32_t)id,
                                    .value = text,
                                    .value_length = (uint32_t)(end - text)};
    if (journal_put(engine.journal, &record))
        return JS_NewInt32(ctx, (int32_t)id);
    if (fresh)
        journal_number_back(engine.journal, (uint32_t)id);
    return JS_ThrowOutOfMemory(ctx);
}

static JSValue drop(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t id;
    (void)self, (void)count;
    if (!bind_below(ctx, arguments[0], INT32_MAX, &id))
        return JS_EXCEPTION;
    return result(ctx, journal_drop(engine.journal, JOURNAL_TEXTS, id));
}

static JSValue commit(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    if (!bind_journal_changed())
        return JS_ThrowOutOfMemory(ctx);
    journal_commit(engine.journal);
    return JS_UNDEFINED;
}

static JSValue memory(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewInt64(ctx, (int64_t)journal_memory(engine.journal));
}

void bind_journal_views(JSContext *ctx, JSValue journal) {
    JS_SetPropertyStr(ctx, journal, "rows",
                      engine_view(ctx, rows, sizeof(rows), JS_TYPED_ARRAY_INT32));
    changed = 0;
    JS_SetPropertyStr(ctx, journal, "changed",
                      engine_view(ctx, &changed, sizeof(changed), JS_TYPED_ARRAY_INT32));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("columns", 1, columns),   JS_CFUNC_DEF("places", 1, places),
    JS_CFUNC_DEF("changes", 1, changes),   JS_CFUNC_DEF("reserve", 1, reserve),
    JS_CFUNC_DEF("released", 1, released), JS_CFUNC_DEF("list", 2, list),
    JS_CFUNC_DEF("keep", 2, keep),         JS_CFUNC_DEF("note", 8, note),
    JS_CFUNC_DEF("drop", 1, drop),         JS_CFUNC_DEF("commit", 0, commit),

    JS_CFUNC_DEF("memory", 0, memory),

};

const struct binding bind_journal = {functions, sizeof(functions) / sizeof(functions[0])};
