/* host.ts: Insight. */
#include "bindings.h"
#include "engine/quickjs_ext.h"
#include "stubdom/engine/memory.h"
#include "stubdom/engine/fault.h"
#include "stubdom/trace/packets.h"
#include "stubdom/state/outages.h"
#include <string.h>

#define MOST_METRICS 32

static void set(JSContext *ctx, JSValueConst object, const char *name, double value) {
    JS_SetPropertyStr(ctx, object, name, JS_NewFloat64(ctx, value));
}

/* Figures of which one could not be set would be wrong ones: then there are none. */
static JSValue whole(JSContext *ctx, JSValue figures) {
    if (!JS_HasException(ctx))
        return figures;
    JS_FreeValue(ctx, figures);
    return JS_EXCEPTION;
}

static JSValue inject_faults(JSContext *ctx, JSValueConst self, int count,
                             JSValueConst *arguments) {
    uint32_t every = 0;
    (void)self, (void)count;
    JS_ToUint32(ctx, &every, arguments[0]);
    fault_every(every);
    return JS_UNDEFINED;
}

static JSValue version(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewString(ctx, engine.version);
}

static JSValue uptime(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewFloat64(ctx, packets_uptime());
}

static JSValue traffic(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int32_t link = -1;
    (void)self, (void)count;
    JS_ToInt32(ctx, &link, arguments[0]);
    const struct traffic *seen = link_traffic(link);
    if (!seen)
        return JS_NULL;
    size_t in, out;
    link_held(link, &in, &out);
    JSValue object = JS_NewObject(ctx);
    set(ctx, object, "process", platform_peer(link));
    set(ctx, object, "partialIn", in);
    set(ctx, object, "partialOut", out);
    set(ctx, object, "requests", seen->requests);
    set(ctx, object, "replies", seen->replies);
    set(ctx, object, "events", seen->events);
    set(ctx, object, "lastType", seen->requests ? (double)seen->last_type : -1);
    set(ctx, object, "idle", packets_age(seen->last_ticks));
    return whole(ctx, object);
}

static JSValue metrics(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct traffic total = link_traffic_total();
    struct metric all[MOST_METRICS] = {
        {"engine-bytes", engine_memory_used() - journal_memory(engine.journal)},
        {"engine-limit-bytes", engine_memory_limit()},
        {"journal-bytes", journal_memory(engine.journal)},
        {"journal-records", journal_count(engine.journal)},
        {"recoveries", outages.counts[OUTAGE_RECOVERY]},
        {"outage-programs", outages.counts[OUTAGE_PROGRAM]},
        {"outage-wholes", outages.counts[OUTAGE_WHOLE]},
        {"outage-takeovers", outages.counts[OUTAGE_TAKEOVER]},
        {"faults-injected", fault_count()},
        {"link-bytes", link_memory()},
        {"packet-ring-bytes", packets_memory()},
        {"traffic-requests", total.requests},
        {"traffic-replies", total.replies},
        {"traffic-events", total.events},
        {"traffic-found-late", link_found_late()},
        {"collector-runs", collector.runs},
        {"collector-last-ms", collector.last},
        {"collector-longest-ms", collector.longest},
    };
    int length = 0;
    (void)self, (void)count, (void)arguments;
    while (all[length].name)
        length++;
    length += platform_metrics(all + length, MOST_METRICS - length);
    JSValue list = JS_NewArray(ctx);
    for (int i = 0; i < length; i++) {
        JSValue pair = JS_NewArray(ctx);
        JS_SetPropertyUint32(ctx, pair, 0, JS_NewString(ctx, all[i].name));
        JS_SetPropertyUint32(ctx, pair, 1, JS_NewFloat64(ctx, all[i].value));
        JS_SetPropertyUint32(ctx, list, i, pair);
    }
    return whole(ctx, list);
}

static JSValue outage(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    JSValue object = JS_NewObject(ctx);
    (void)self, (void)count, (void)arguments;
    JS_SetPropertyStr(ctx, object, "kind", JS_NewString(ctx, outage_name(outages.last)));
    JS_SetPropertyStr(ctx, object, "reason", JS_NewString(ctx, outages.last_reason));
    JS_SetPropertyStr(ctx, object, "milliseconds", JS_NewFloat64(ctx, outages.milliseconds));
    return whole(ctx, object);
}

static JSValue slow_request(JSContext *ctx, const struct slow_request *one) {
    const struct header *header = &one->request.header;
    size_t length = header->length < PACKET_KEPT ? header->length : PACKET_KEPT;
    JSValue object = JS_NewObject(ctx);
    set(ctx, object, "link", one->request.link);
    set(ctx, object, "domid", one->request.domid);
    set(ctx, object, "type", header->type);
    set(ctx, object, "milliseconds", one->milliseconds);
    set(ctx, object, "at", one->wall_clock);
    JS_SetPropertyStr(ctx, object, "payload", engine_new_bytes(ctx, one->request.payload, length));
    return whole(ctx, object);
}

static JSValue slow(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const struct slow_requests *seen = packets_slow();
    unsigned long from = seen->count > SLOW_KEPT ? seen->count - SLOW_KEPT : 0;
    JSValue object = JS_NewObject(ctx), list = JS_NewArray(ctx);
    (void)self, (void)count, (void)arguments;
    for (unsigned long n = from; n < seen->count; n++)
        JS_SetPropertyUint32(ctx, list, n - from, slow_request(ctx, &seen->last[n % SLOW_KEPT]));
    set(ctx, object, "count", seen->count);
    JS_SetPropertyStr(ctx, object, "latest", list);
    return whole(ctx, object);
}

static JSValue slow_after(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    double milliseconds = 0;
    (void)self, (void)count;
    JS_ToFloat64(ctx, &milliseconds, arguments[0]);
    packets_slow_after(milliseconds);
    return JS_UNDEFINED;
}

static JSValue packets(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    char bytes[PAYLOAD_MAX];
    int64_t from = 0;
    uint32_t room = 0;
    (void)self, (void)count;
    JS_ToInt64(ctx, &from, arguments[0]);
    JS_ToUint32(ctx, &room, arguments[1]);
    return engine_new_bytes(ctx, bytes,
                            packets_dump(from, bytes, room < sizeof(bytes) ? room : sizeof(bytes)));
}

static JSValue save_packets(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    const char *path = JS_ToCString(ctx, arguments[0]);
    if (!path)
        return JS_EXCEPTION;
    const char *wrong = packets_save(path);
    JS_FreeCString(ctx, path);
    return JS_NewString(ctx, wrong ? wrong : "");
}

static JSValue tell_packets(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t most = 0;
    (void)self, (void)count;
    JS_ToUint32(ctx, &most, arguments[0]);
    packets_tail(most, platform_log);
    return JS_UNDEFINED;
}

static JSValue failed(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)ctx, (void)self, (void)count, (void)arguments;
    packets_after_failure();
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("savePackets", 1, save_packets),
    JS_CFUNC_DEF("tellPackets", 1, tell_packets),
    JS_CFUNC_DEF("injectFaults", 1, inject_faults),
    JS_CFUNC_DEF("version", 0, version),
    JS_CFUNC_DEF("uptime", 0, uptime),
    JS_CFUNC_DEF("traffic", 1, traffic),
    JS_CFUNC_DEF("metrics", 0, metrics),
    JS_CFUNC_DEF("outage", 0, outage),
    JS_CFUNC_DEF("slow", 0, slow),
    JS_CFUNC_DEF("slowAfter", 1, slow_after),
    JS_CFUNC_DEF("packets", 2, packets),
    JS_CFUNC_DEF("failed", 0, failed),
};

const struct binding bind_diagnostics = {functions, sizeof(functions) / sizeof(functions[0])};
