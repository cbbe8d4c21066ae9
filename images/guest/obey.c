#include "acts.h"
#include "client.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define WORDS "data/do"
#define TOKEN "do"

static struct reply reply;
static unsigned strange;

/* Counts events with another token: those of watches that an earlier domain of this domid set. */
static void note_event(const char *token) {
    strange += strcmp(token, TOKEN) != 0;
}

/* Makes the request "TYPE TRANSACTION WORD...". Its payload has the words, each with a NUL. */
static void request(char *text) {
    uint32_t type = strtoul(text, &text, 10);
    client_transaction = strtoul(text, &text, 10);
    text += *text == ' ';
    uint32_t length = strlen(text) + 1;
    for (char *space; (space = strchr(text, ' '));)
        *space = '\0';
    /* The value of a WRITE has no NUL. */
    client_request(type, text, length - (type == XS_WRITE), &reply);
    client_transaction = 0;
}

static void tell_strange(void) {
    snprintf(reply.payload, sizeof(reply.payload), "%u", strange);
}

static const struct {
    const char *word;
    void (*act)(void);
} orders[] = {{"strange", tell_strange}, {"half", half}};

static void carry_out(char *text) {
    for (unsigned o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
        if (strcmp(text, orders[o].word) == 0) {
            orders[o].act();
            return;
        }
    }
    request(text);
}

void obey(void) {
    static char text[REPLY_MAX + 1], said[64];
    client_on_event = note_event;
    client_watch(WORDS, TOKEN, &reply);
    for (;;) {
        client_wait_event();
        client_read(WORDS, &reply);
        if (reply.type == XS_ERROR)
            continue;
        strcpy(text, reply.payload);
        client_request(XS_RM, WORDS, sizeof(WORDS), &reply);
        carry_out(text);
        snprintf(said, sizeof(said), "%s.", reply.payload);
        client_write("data/said", said, &reply);
    }
}
