/* The whole program in its engine: its two loops, and translated functions that are left anywhere.
 */
#include "../../stubdom/engine/memory.h"
#include "engine/translate/runtime/stress.h"
#include "check.h"
#include "engine_driver.h"
#include "fake_platform.h"
#include <stdlib.h>
#include <string.h>

static char transcript[65536];

/* A request, and all that comes of it, into the transcript. */
static void note(uint32_t type, const char *payload, uint32_t length) {
    size_t at = strlen(transcript);
    send_bytes(type, payload, length);
    while (pipe_receive(&far_end, &reply, answer)) {
        for (uint32_t i = 0; i < reply.length; i++)
            if (!answer[i])
                answer[i] = '|';
        at += snprintf(transcript + at, sizeof(transcript) - at, "%u %.200s\n", reply.type, answer);
    }
}

#define NOTE(type, text) note(type, text, sizeof(text) - 1)

/* Most kinds of requests, and what is refused. */
static void play_all(void) {
    transcript[0] = '\0';
    NOTE(XS_WATCH, "/p\0token\0");
    NOTE(XS_WATCH, "@releaseDomain\0token\0");
    NOTE(XS_WATCH, "/p\0token\0");
    for (int i = 0; i < 3; i++) {
        NOTE(XS_WRITE, "/p/a/b\0one");
        NOTE(XS_WRITE, "/p/a/b\0another value");
        NOTE(XS_WRITE, "p/a\0relative");
        NOTE(XS_READ, "/p/a/b\0");
        NOTE(XS_READ, "/p/none\0");
        NOTE(XS_READ, "/p//bad\0");
        NOTE(XS_MKDIR, "/p/d\0");
        NOTE(XS_MKDIR, "/p/d/e/f\0");
        NOTE(XS_DIRECTORY, "/p\0");
        NOTE(XS_DIRECTORY, "/p/d/e/f\0");
        NOTE(XS_SET_PERMS, "/p/a\0n0\0r1\0w2\0");
        NOTE(XS_SET_PERMS, "/p/a\0x0\0");
        NOTE(XS_GET_PERMS, "/p/a\0");
        NOTE(XS_WRITE, "/p/a/new\0inherits");
        NOTE(XS_GET_PERMS, "/p/a/new\0");
        NOTE(XS_TRANSACTION_START, "\0");
        transaction = strtoul(answer, NULL, 10);
        NOTE(XS_READ, "/p/a/b\0");
        NOTE(XS_WRITE, "/p/t/x\0in it");
        NOTE(XS_READ, "/p/t/x\0");
        NOTE(XS_DIRECTORY, "/p\0");
        NOTE(XS_RM, "/p/d\0");
        NOTE(XS_GET_PERMS, "/p/t\0");
        uint32_t inside = transaction;
        transaction = 0;
        if (i == 1)
            NOTE(XS_WRITE, "/p/a/b\0conflict");
        transaction = inside;
        if (i == 2)
            NOTE(XS_TRANSACTION_END, "F\0");
        else
            NOTE(XS_TRANSACTION_END, "T\0");
        transaction = 0;
        NOTE(XS_READ, "/p/t/x\0");
        NOTE(XS_RM, "/p/d\0");
        NOTE(XS_RM, "/p/d\0");
        NOTE(XS_UNWATCH, "/p\0other\0");
        NOTE(XS_GET_DOMAIN_PATH, "7\0");
    }
    NOTE(XS_UNWATCH, "/p\0token\0");
    NOTE(XS_RM, "/p\0");
    NOTE(XS_DIRECTORY, "/\0");
}

/* The loop of engine/turn.c, and that of the program's turns. */
static void both_loops_answer_the_same(void) {
    static char plain[sizeof(transcript)];
    start(0);
    play_all();
    strcpy(plain, transcript);
    stop();
    start(0);
    always_a_turn = true;
    play_all();
    always_a_turn = false;
    CHECK(strlen(plain) > 1000 && strcmp(plain, transcript) == 0);
    stop();
}

/* Wherever a translated function is left, the interpreter goes on as if it had done all of it. */
static void a_translation_can_be_left_anywhere(void) {
    static const unsigned every[] = {1, 2, 3, 5, 7, 11, 13, 17, 23, 29, 37, 53, 71, 97, 131, 197};
    static char expected[sizeof(transcript)];
    start(0);
    play_all();
    stop();
    CHECK(engine_stressed.known > 0 && engine_stressed.found == engine_stressed.known);
    strcpy(expected, transcript);
    CHECK(strstr(expected, "EAGAIN") && strstr(expected, "ENOENT") && strstr(expected, "EINVAL"));
    for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
        engine_stressed.every = every[i];
        start(0);
        unsigned long before = engine_stressed.chances;
        play_all();
        CHECK(engine_stressed.chances - before > 300);
        CHECK(strcmp(transcript, expected) == 0 && !strstr(fake_log, "Error"));
        if (strcmp(transcript, expected) != 0)
            printf("# each %u:\n%s\n", every[i], transcript);
        engine_stressed.every = 0;
        size_t used = engine_memory_used();
        JS_RunGC(engine.runtime);
        CHECK(engine_memory_used() == used);
        stop();
        CHECK(engine_memory_used() == 0);
    }
}

/* What is done all the time is done by translations alone, from the second time on. */
static void what_is_common_is_not_left(void) {
    static const struct {
        uint32_t type;
        const char *text;
        uint32_t length;
    } common[] = {
#define COMMON(type, text) {type, text, sizeof(text) - 1}
        COMMON(XS_WRITE, "/c/node\0value"),
        COMMON(XS_READ, "/c/node\0"),
        COMMON(XS_READ, "/c/none\0"),
        COMMON(XS_GET_PERMS, "/c/node\0"),
        COMMON(XS_WRITE, "/c/new/one\0made"),
        COMMON(XS_DIRECTORY, "/c\0"),
        COMMON(XS_RM, "/c/new\0"),
        COMMON(XS_SET_PERMS, "/c/node\0n0\0r1\0"),
        COMMON(XS_WATCH, "/c/node\0token\0"),
        COMMON(XS_WRITE, "/c/node\0fires"),
        COMMON(XS_UNWATCH, "/c/node\0token\0"),
#undef COMMON
    };
    start(0);
    for (int i = 0; i < 20; i++) {
        unsigned long before = engine_stressed.side_exits;
        transcript[0] = '\0';
        for (size_t n = 0; n < sizeof(common) / sizeof(common[0]); n++)
            note(common[n].type, common[n].text, common[n].length);
        /* The first time the places of properties are found; a table grows now and then. */
        CHECK(i < 10 || engine_stressed.side_exits == before);
    }
    CHECK(strstr(transcript, "value") && strstr(transcript, "token"));
    stop();
}

int main(void) {
    RUN(both_loops_answer_the_same);
    RUN(a_translation_can_be_left_anywhere);
    RUN(what_is_common_is_not_left);
    return VERDICT;
}
