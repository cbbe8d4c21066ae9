/* Files on a 9p share: what reaches it, what waits, what is lost and said, and a server that lies.
 */
#include "../../stubdom/xen/9pfs/ninep_below.h"
#include "../../stubdom/xen/9pfs/ninep_client.h"
#include "../../stubdom/xen/9pfs/ninep_session.h"
#include "../../stubdom/xen/9pfs/ninep_message.h"
#include "check.h"
#include "fake_platform.h"
#include "ninep_server.h"
#include <stdlib.h>

#define ORDER 2

static struct xen_9pfs_data_intf *page;
static struct ninep_ring ring;
static uint8_t data[1 << (12 + ORDER)];
static bool notified;

void ninep_below_notify(void) {
    notified = true;
}

void ninep_below_say(const char *line) {
    platform_log(line, strlen(line));
}

/* Until nothing happens any more. False: the share was given up. */
static bool run(void) {
    for (int quiet = 0; quiet < 2;) {
        bool worked = server_turn();
        if (!ninep_session_event())
            return false;
        quiet = worked || notified ? 0 : quiet + 1;
        notified = false;
    }
    return true;
}

static void connect_share(void) {
    ninep_ring_start(&ring, page, data, ORDER);
    server_connect(page, data);
    ninep_session_connected(&ring);
}

static const char *open_log(unsigned sink, const char *path, unsigned files, unsigned long lines) {
    return ninep_client_open_log(sink, &(struct log_place){path, files, lines, "mark\n"});
}

static bool put(unsigned sink, const char *line) {
    return ninep_client_write_log(sink, line, strlen(line));
}

static bool has(const char *name, const char *text) {
    const char *bytes = server_file(name);
    if (bytes && strcmp(bytes, text) == 0)
        return true;
    printf("# %s: %.400s\n", name, bytes ? bytes : "is not there");
    return false;
}

static bool said(const char *text) {
    return strstr(fake_log, text) != NULL;
}

static void begin(void) {
    ninep_session_gone();
    for (unsigned sink = 0; sink < LOG_SINKS; sink++)
        open_log(sink, "", 0, 0);
    server_clear();
    fake_log[0] = '\0';
    ninep_session_start();
}

static void lines_get_there(void) {
    begin();
    connect_share();
    server_make("old", "before\n");
    CHECK(!put(1, "nobody wants it"));
    CHECK(open_log(0, "new", 0, 0) == NULL && open_log(1, "old", 0, 0) == NULL);
    CHECK(put(0, "one") && put(1, "two") && put(0, "three"));
    CHECK(run());
    CHECK(has("new", "mark\none\nthree\n") && has("old", "before\nmark\ntwo\n"));
    CHECK(said("attached"));
    CHECK(open_log(2, "/var/lib/xen/xenstore/absolute", 0, 0) == NULL && run());
    CHECK(has("absolute", "mark\n"));
    CHECK(open_log(1, "/var/lib/xen/xenstore/new", 0, 0) != NULL && put(1, "four") && run());
    CHECK(has("old", "before\nmark\ntwo\nfour\n"));
    CHECK(open_log(2, "", 0, 0) == NULL && run() && !put(2, "too late"));
    CHECK(has("absolute", "mark\n") && server_fids_seen == 4);
    CHECK(open_log(2, "again", 0, 0) == NULL && put(2, "x") && run() && has("again", "mark\nx\n"));
}

static void replies_in_pieces(void) {
    begin();
    server_trickles = true;
    connect_share();
    CHECK(open_log(0, "log", 0, 0) == NULL && put(0, "one") && run());
    CHECK(has("log", "mark\none\n"));
}

static void lines_wait_for_the_share(void) {
    begin();
    CHECK(open_log(1, "log", 0, 0) == NULL && put(1, "early") && run());
    CHECK(ninep_client_write("once", NULL, 0) != NULL);
    connect_share();
    CHECK(run() && has("log", "mark\nearly\n"));
    /* It goes, and comes back. */
    ninep_session_gone();
    CHECK(put(1, "meanwhile"));
    connect_share();
    CHECK(put(1, "later") && run());
    CHECK(has("log", "mark\nearly\nmeanwhile\nlater\n"));
}

/* What an image begins with that takes the place of another: no file is open. */
static void forget(void) {
    ninep_session_gone();
    for (unsigned sink = 0; sink < LOG_SINKS; sink++)
        open_log(sink, "", 0, 0);
}

static void another_image_goes_on(void) {
    struct ninep_session_state state;
    begin();
    connect_share();
    CHECK(open_log(0, "log", 0, 0) == NULL && open_log(1, "other", 0, 0) == NULL);
    CHECK(!ninep_session_leave(&state));
    CHECK(put(0, "one") && put(1, "x") && run());
    /* A request is in flight, and a part of its reply is there or not. */
    for (int taken = 0; taken < 2; taken++) {
        server_silent = true;
        CHECK(put(0, "two"));
        server_trickles = server_silent = taken;
        if (!taken) {
            server_trickles = true;
            CHECK(server_turn() && ninep_session_event());
        }
        CHECK(ninep_session_leave(&state) && state.busy);
        forget();
        CHECK(open_log(0, "log", 0, 0) == NULL);
        server_trickles = server_silent = false;
        ninep_session_continue(&state, &ring);
        CHECK(put(0, "three") && run());
    }
    CHECK(has("log", "mark\none\ntwo\nmark\nthree\ntwo\nmark\nthree\n"));
    CHECK(open_log(1, "other", 0, 0) == NULL && put(1, "y") && run());
    CHECK(has("other", "mark\nx\nmark\ny\n") && server_fids_seen == 3);
    CHECK(ninep_client_write("once", NULL, 0) == NULL && !ninep_session_leave(&state));
    CHECK(run());
}

static void more_than_fits(void) {
    char line[101];
    unsigned long written = 0, lost = 0, kept = 0, before = ninep_client_metrics().lines_lost;
    begin();
    connect_share();
    CHECK(open_log(1, "log", 0, 0) == NULL && run());
    server_silent = true;
    memset(line, 'x', sizeof(line) - 1);
    for (line[100] = '\0'; written < 1000; written++)
        CHECK(put(1, line));
    server_silent = false;
    CHECK(run());
    CHECK(put(1, "last") && run());
    const char *bytes = server_file("log");
    CHECK(bytes && strncmp(bytes, "mark\n", 5) == 0);
    for (const char *at = bytes ? bytes + 5 : ""; *at; at = strchr(at, '\n') + 1) {
        if (*at == 'x')
            kept++;
        else if (strcmp(at, "last\n") != 0)
            lost = strtoul(at, NULL, 10);
    }
    CHECK(kept > 100 && lost > 100 && kept + lost == written);
    CHECK(ninep_client_metrics().lines_lost - before == lost);
}

static void files_take_turns(void) {
    static const char *const lines[] = {"1", "2", "3", "4", "5", "6", "7"};
    begin();
    connect_share();
    CHECK(open_log(1, "log", 2, 2) == NULL && run());
    for (int i = 0; i < 7; i++)
        CHECK(put(1, lines[i]) && run());
    CHECK(has("log", "mark\n7\n") && has("log.1", "mark\n3\n4\n") && has("log.2", "mark\n5\n6\n"));
    CHECK(open_log(1, "alone", 0, 2) == NULL && run());
    for (int i = 0; i < 3; i++)
        CHECK(put(1, lines[i]) && run());
    CHECK(has("alone", "mark\n3\n") && !server_file("alone.1"));
}

static void names(void) {
    static const char *const bad[] = {"/etc/passwd", "../up", "a/../b",       "a//b",
                                      "dir/",        ".",     "syslog:daemon"};
    char longest[400];
    begin();
    connect_share();
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(open_log(1, bad[i], 0, 0) != NULL && ninep_client_write(bad[i], NULL, 0) != NULL);
    memset(longest, 'n', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    CHECK(open_log(1, longest, 0, 0) != NULL);
    longest[130] = '\0';
    CHECK(open_log(1, longest, 0, 0) == NULL && run() && has(longest, "mark\n"));
    server_make_directory("dir");
    CHECK(open_log(1, "dir/log", 0, 0) == NULL && run() && has("dir/log", "mark\n"));
    CHECK(open_log(1, "no/log", 0, 0) == NULL && run() && said("no/log on the 9pfs share"));
    CHECK(!put(1, "to the console"));
    CHECK(open_log(1, "dir/log", 0, 0) == NULL && put(1, "x") && run());
    CHECK(has("dir/log", "mark\nmark\nx\n") && said("\nmark\n"));
}

/* The name changes while the one before is being opened, at every point of that. */
static void another_name_in_between(void) {
    for (int turns = 0; turns < 12; turns++) {
        begin();
        server_make_directory("dir");
        connect_share();
        CHECK(open_log(1, "dir/first", 0, 0) == NULL && put(1, "1"));
        for (int i = 0; i < turns; i++) {
            server_turn();
            CHECK(ninep_session_event());
        }
        CHECK(open_log(1, "second", 0, 0) == NULL && put(1, "2") && run());
        CHECK(has("dir/first", "mark\n1\n") && has("second", "mark\n2\n"));
        CHECK(open_log(1, "third", 0, 0) == NULL && open_log(1, "", 0, 0) == NULL && run());
        CHECK(server_fids_seen <= 2);
    }
}

static void written_once(void) {
    static char large[20000];
    begin();
    memset(large, 'd', sizeof(large) - 1);
    connect_share();
    CHECK(open_log(0, "a", 0, 0) == NULL && open_log(1, "b", 0, 0) == NULL);
    CHECK(open_log(2, "c", 0, 0) == NULL && run());
    server_make("dump", "longer than nothing");
    CHECK(ninep_client_write("dump", NULL, 0) == NULL);
    CHECK(ninep_client_write("dump", "begin ", 6) == NULL);
    CHECK(ninep_client_write("dump", large, sizeof(large) - 1) == NULL);
    CHECK(ninep_client_write("other", NULL, 0) != NULL);
    CHECK(put(1, "meanwhile") && run());
    CHECK(server_file_size("dump") == 6 + sizeof(large) - 1 && has("b", "mark\nmeanwhile\n"));
    CHECK(server_fids_seen == 5);
    CHECK(ninep_client_write("other", NULL, 0) == NULL);
    CHECK(ninep_client_write("other", "x", 1) == NULL && run() && has("other", "x"));
    /* Of one that is half written the rest is dropped when the share goes. */
    CHECK(ninep_client_write("half", NULL, 0) == NULL);
    CHECK(ninep_client_write("half", large, 100) == NULL);
    ninep_session_gone();
    CHECK(said("half on the 9pfs share: it is not whole"));
    CHECK(ninep_client_write("half", NULL, 0) != NULL);
    connect_share();
    CHECK(run() && ninep_client_write("half", NULL, 0) == NULL && run() && has("half", ""));
}

static void refusals(void) {
    static const int types[] = {NINEP_WALK, NINEP_OPEN, NINEP_STAT, NINEP_CREATE, NINEP_WRITE};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        begin();
        server_make("there", "");
        connect_share();
        server_refuses = types[i];
        server_error = 28;
        CHECK(open_log(1, "there", 0, 0) == NULL && open_log(2, "new", 0, 0) == NULL && run());
        bool both = types[i] != NINEP_OPEN && types[i] != NINEP_STAT;
        CHECK(said("there on the 9pfs share") == (types[i] != NINEP_CREATE));
        CHECK(said("new on the 9pfs share") == both && said("error 28"));
        CHECK(put(2, "x") == !both);
        /* It is tried when somebody opens it again. */
        server_refuses = 0;
        CHECK(open_log(1, "there", 0, 0) == NULL && open_log(2, "new", 0, 0) == NULL);
        CHECK(put(1, "x") && put(2, "y") && run());
        CHECK(strstr(server_file("there"), "mark\nx\n") && strstr(server_file("new"), "y\n"));
        CHECK(server_fids_seen <= 3);
    }
}

static void no_answer(void) {
    begin();
    connect_share();
    CHECK(ninep_session_deadline() < 0);
    CHECK(open_log(1, "log", 0, 0) == NULL && run() && ninep_session_deadline() < 0);
    server_silent = true;
    CHECK(put(1, "one") && put(1, "two"));
    double deadline = ninep_session_deadline();
    CHECK(deadline > fake_time);
    fake_time = deadline;
    ninep_session_timed_out();
    CHECK(said("takes nothing") && said("one\ntwo\n") && ninep_session_deadline() < 0);
    CHECK(!put(1, "to the console"));
    server_silent = false;
    CHECK(run() && put(1, "three") && run());
    CHECK(has("log", "mark\none\nthree\n"));
    /* No share comes: as before, and nothing more is accepted. */
    begin();
    CHECK(open_log(1, "log", 0, 0) == NULL && put(1, "one"));
    fake_time = ninep_session_deadline();
    ninep_session_timed_out();
    CHECK(said("one\n") && !put(1, "two") && open_log(2, "other", 0, 0) != NULL);
    connect_share();
    CHECK(run() && put(1, "three") && run() && has("log", "three\n"));
    begin();
    fake_time += 60000;
    CHECK(open_log(1, "log", 0, 0) != NULL);
}

/* Whether a lie shows in the reply to a request of this type. */
static bool shows(enum lie lie, int type) {
    static const int only[LIES] = {
        [WRITTEN_MORE] = NINEP_WRITE,    [WRITTEN_NOTHING] = NINEP_WRITE,
        [WALKED_FURTHER] = NINEP_WALK,   [OTHER_DIALECT] = NINEP_VERSION,
        [TINY_MESSAGES] = NINEP_VERSION, [HUGE_MESSAGES] = NINEP_VERSION,
    };
    if (lie == CUT_SHORT && type == NINEP_CLUNK)
        return false; /* that one has nothing to be cut off */
    return !only[lie] || only[lie] == type;
}

static void lies(void) {
    static const int types[] = {NINEP_VERSION, NINEP_ATTACH, NINEP_WALK,  NINEP_OPEN,
                                NINEP_STAT,    NINEP_CREATE, NINEP_WRITE, NINEP_CLUNK};
    for (enum lie lie = WRONG_TAG; lie < LIES; lie++)
        for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            begin();
            server_make("there", "");
            server_lie = lie;
            server_lies_at = types[i];
            CHECK(open_log(0, "there", 1, 2) == NULL && open_log(1, "new", 0, 0) == NULL);
            connect_share();
            bool fine = run();
            for (int n = 0; n < 5 && fine; n++)
                fine = put(0, "line") && put(1, "line") && run();
            if (fine == shows(lie, types[i]))
                printf("# lie %d in a reply of type %d\n", lie, types[i] + 1);
            CHECK(fine != shows(lie, types[i]));
            /* Whatever was said: with an honest server all goes on. */
            server_lie = HONEST;
            connect_share();
            CHECK(run());
            open_log(0, "there", 0, 0);
            open_log(1, "new", 0, 0);
            CHECK(put(0, "end") && put(1, "end") && run());
            const char *there = server_file("there"), *fresh = server_file("new");
            CHECK(there && strstr(there, "end\n") && fresh && strstr(fresh, "end\n"));
        }
}

/* Whatever bytes and indexes come: nothing is read or written beside the ring, nothing hangs. */
static void rubbish(void) {
    unsigned left_alone = 0;
    srand(1);
    for (int round = 0; round < 3000; round++) {
        begin();
        connect_share();
        open_log(0, "log", 2, 3);
        for (int i = rand() % 12; i > 0; i--) {
            server_turn();
            ninep_session_event();
            put(0, "line");
        }
        for (unsigned i = 0; i < sizeof(data) / 2; i++)
            data[i] = rand() % 4 ? rand() % 128 : 0;
        page->in_prod = rand() % 3 ? ring.in_cons + rand() % 9000 : (uint32_t)rand() * 7919;
        if (rand() % 3 == 0)
            page->out_cons = rand();
        for (int i = 0; i < 20; i++)
            left_alone += !ninep_session_event();
        put(0, "line");
    }
    CHECK(left_alone > 2000);
    begin();
    connect_share();
    CHECK(open_log(0, "log", 0, 0) == NULL && run() && has("log", "mark\n"));
}

int main(void) {
    page = calloc(1, 4096);
    RUN(lines_get_there);
    RUN(replies_in_pieces);
    RUN(lines_wait_for_the_share);
    RUN(another_image_goes_on);
    RUN(more_than_fits);
    RUN(files_take_turns);
    RUN(names);
    RUN(another_name_in_between);
    RUN(written_once);
    RUN(refusals);
    RUN(no_answer);
    RUN(lies);
    RUN(rubbish);
    begin();
    server_clear();
    free(page);
    return VERDICT;
}
