/* Options that are taken below, out of words of which others are the daemon's. */
#include "../../stubdom/cmdline.h"
#include "check.h"
#include <string.h>

struct values {
    const char *flag, *file, *number;
};
static const struct cmdline_option table[] = {
    {"flag", 'N', false, offsetof(struct values, flag)},
    {"file", 'F', true, offsetof(struct values, file)},
    {"number", 0, true, offsetof(struct values, number)},
};
static struct values got;
static char *words[16];
static const char *wrong;

static void take(int count, const char *const *given) {
    memset(&got, 0, sizeof(got));
    for (int i = 0; i < count; i++)
        words[i] = (char *)given[i];
    words[count] = NULL;
    wrong = cmdline_take(words, table, 3, &got);
}
#define TAKE(...)                                                                                  \
    do {                                                                                           \
        const char *const given[] = {__VA_ARGS__};                                                 \
        take(sizeof(given) / sizeof(given[0]), given);                                             \
    } while (0)

static bool is(const char *text, const char *expected) {
    return text && strcmp(text, expected) == 0;
}

static void every_form(void) {
    TAKE("--flag", "--file", "a", "--number=7");
    CHECK(!wrong && is(got.flag, "") && is(got.file, "a") && is(got.number, "7") && !words[0]);
    TAKE("-N", "-F", "a");
    CHECK(!wrong && is(got.flag, "") && is(got.file, "a") && !words[0]);
    TAKE("-Fb", "--file=c");
    CHECK(is(got.file, "c"));
    TAKE("--flag=true", "--file=");
    CHECK(is(got.flag, "") && is(got.file, ""));
    TAKE("--flag", "--flag=off");
    CHECK(!got.flag);
}

static void the_others_stay_in_order(void) {
    TAKE("--else", "--flag", "1", "--flags", "--fil", "-Nx", "--file", "a", "word");
    CHECK(!wrong && is(got.flag, "") && is(got.file, "a"));
    CHECK(is(words[0], "--else") && is(words[1], "1") && is(words[2], "--flags"));
    CHECK(is(words[3], "--fil") && is(words[4], "-Nx") && is(words[5], "word") && !words[6]);
}

static void a_missing_argument_is_told(void) {
    TAKE("--flag", "--number");
    CHECK(is(wrong, "number"));
    take(0, NULL);
    CHECK(!wrong && !words[0]);
}

int main(void) {
    RUN(every_form);
    RUN(the_others_stay_in_order);
    RUN(a_missing_argument_is_told);
    return VERDICT;
}
