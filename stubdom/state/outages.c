#include "outages.h"
#include "stubdom/platform.h"
#include <stdio.h>
#include <string.h>

struct outages outages;

static const struct {
    const char *name, *line;
} kinds[OUTAGES] = {
    [OUTAGE_NONE] = {"none", ""},
    [OUTAGE_RECOVERY] = {"recovery", "recovery: the program serves again"},
    [OUTAGE_PROGRAM] = {"program", "live update: the new program serves"},
    [OUTAGE_WHOLE] = {"whole", "live update: the new store serves"},
    [OUTAGE_TAKEOVER] = {"takeover", "takeover: this store serves"},
};

const char *outage_name(enum outage kind) {
    return kinds[kind < OUTAGES ? kind : OUTAGE_NONE].name;
}

void outage_begin(enum outage kind, const char *reason) {
    outages.now = kind;
    outages.since = platform_now();
    snprintf(outages.reason, sizeof(outages.reason), "%s", reason);
}

void outage_forget(void) {
    outages.now = OUTAGE_NONE;
}

void outage_end(void) {
    char line[96];
    if (outages.now == OUTAGE_NONE)
        return;
    outages.last = outages.now;
    outages.now = OUTAGE_NONE;
    outages.counts[outages.last]++;
    outages.milliseconds = platform_now() - outages.since;
    memcpy(outages.last_reason, outages.reason, sizeof(outages.reason));
    /* In tenths: the images' printf() has no floating point (build/native.mk). */
    unsigned long tenths = 10 * outages.milliseconds + 0.5;
    snprintf(line, sizeof(line), "%s after %lu.%lu ms", kinds[outages.last].line, tenths / 10,
             tenths % 10);
    platform_log(line, strlen(line));
}
