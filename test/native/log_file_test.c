/* Logs with files of their own: rotation, opening again, and what cannot be opened. */
#include "../../stubdom/linux/log_file.h"
#include "../../stubdom/linux/log_out.h"
#include "check.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/log-test-XXXXXX";
static char path[64];

static const char *name(const char *suffix) {
    static char full[80];
    snprintf(full, sizeof(full), "%s%s", path, suffix);
    return full;
}

/* The text of a file; NULL: there is none. */
static const char *text(const char *file) {
    static char bytes[4096];
    FILE *from = fopen(file, "r");
    if (!from)
        return NULL;
    bytes[fread(bytes, 1, sizeof(bytes) - 1, from)] = '\0';
    fclose(from);
    return bytes;
}

static bool has(const char *file, const char *expected) {
    const char *found = text(file);
    return found && strcmp(found, expected) == 0;
}

static bool put(const char *line) {
    return log_file_write(1, line, strlen(line));
}

static const char *open_it(unsigned files, unsigned long lines, const char *mark) {
    return log_file_open(1, &(struct log_place){path, files, lines, mark});
}

static void end(void) {
    log_file_open(1, &(struct log_place){"", 0, 0, ""});
    for (int i = 0; i < 5; i++) {
        char suffix[16];
        snprintf(suffix, sizeof(suffix), ".%d", i);
        unlink(name(i ? suffix : ""));
    }
}

static void lines_come_one_by_one(void) {
    struct stat about;
    CHECK(!put("too early"));
    CHECK(open_it(0, 0, "mark\n") == NULL);
    CHECK(put("one") && put("two"));
    CHECK(has(path, "mark\none\ntwo\n"));
    CHECK(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
    CHECK(!log_file_write(2, "x", 1));
    /* Appended to, not begun anew. */
    CHECK(open_it(0, 0, "mark\n") == NULL && put("three"));
    CHECK(has(path, "mark\none\ntwo\nmark\nthree\n"));
    end();
    CHECK(!put("too late"));
}

static void full_ones_make_room(void) {
    static const char *const lines[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    CHECK(open_it(2, 2, "") == NULL);
    for (int i = 0; i < 9; i++)
        CHECK(put(lines[i]));
    CHECK(has(path, "9\n") && has(name(".1"), "7\n8\n") && has(name(".2"), "5\n6\n"));
    CHECK(text(name(".3")) == NULL);
    end();
    CHECK(open_it(0, 2, "") == NULL);
    for (int i = 0; i < 3; i++)
        put(lines[i]);
    CHECK(has(path, "3\n") && text(name(".1")) == NULL);
    end();
}

static void a_file_that_was_moved_is_made_again(void) {
    CHECK(open_it(0, 0, "m\n") == NULL && put("one"));
    rename(path, name(".1"));
    put("still there");
    CHECK(has(name(".1"), "m\none\nstill there\n"));
    log_files_reopen();
    put("two");
    CHECK(has(path, "m\ntwo\n"));
    end();
}

static void what_cannot_be_opened_changes_nothing(void) {
    CHECK(open_it(0, 0, "") == NULL);
    CHECK(log_file_open(1, &(struct log_place){"/no/such/place", 0, 0, ""}) != NULL);
    CHECK(log_file_open(1, &(struct log_place){"syslog:nowhere", 0, 0, ""}) != NULL);
    CHECK(put("one") && has(path, "one\n"));
    CHECK(log_file_open(1, &(struct log_place){"syslog:local7", 0, 0, ""}) == NULL);
    CHECK(put("to the system") && has(path, "one\n"));
    end();
}

/* All that a reader finds; how many lines are whole ones of ours. */
static int read_lines(int reader, char *bytes, size_t room) {
    ssize_t length = read(reader, bytes, room - 1);
    int lines = 0;
    bytes[length > 0 ? length : 0] = '\0';
    for (const char *at = bytes; (at = strstr(at, "line of the log\n")); at++)
        lines++;
    return lines;
}

/* A pipe whose reader stalls: nothing waits for it, and what was lost is told when it reads again.
 */
static void a_reader_that_stalls_is_not_waited_for(void) {
    static char bytes[1 << 20];
    int sent = 20000, told;
    CHECK(mkfifo(path, 0600) == 0);
    /* Nobody reads: refused, not waited for. */
    CHECK(open_it(0, 0, "") != NULL);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    CHECK(reader >= 0 && open_it(0, 0, "") == NULL);
    for (int i = 0; i < sent; i++)
        CHECK(put("line of the log"));
    int came = read_lines(reader, bytes, sizeof(bytes));
    CHECK(came > 0 && came < sent);
    CHECK(put("line of the log"));
    CHECK(read_lines(reader, bytes, sizeof(bytes)) == 1);
    const char *notice = strstr(bytes, "xenstored: ");
    CHECK(notice && sscanf(notice, "xenstored: %d lines of this log were lost\n", &told) == 1 &&
          told == sent - came);
    /* A line that went out in part ends before the next begins. */
    CHECK(notice && (notice == bytes || notice[-1] == '\n'));
    CHECK(put("line of the log") && read_lines(reader, bytes, sizeof(bytes)) == 1);
    CHECK(strstr(bytes, "lost") == NULL);
    close(reader);
    end();
}

/* The same for a socket, as service managers give it for standard error. */
static void standard_error_is_not_waited_for(void) {
    static char bytes[1 << 20];
    int ends[2], old = dup(STDERR_FILENO), sent = 20000;
    struct log_out out = {.fd = -1};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    dup2(ends[0], STDERR_FILENO);
    log_out_standard_error(&out);
    for (int i = 0; i < sent; i++)
        log_out_line(&out, "line of the log", 15);
    dup2(old, STDERR_FILENO);
    CHECK(out.lost > 0 && out.lost < (unsigned)sent);
    CHECK(read_lines(ends[1], bytes, sizeof(bytes)) == sent - (int)out.lost);
    close(old);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    if (!mkdtemp(directory))
        return 2;
    snprintf(path, sizeof(path), "%s/log", directory);
    RUN(lines_come_one_by_one);
    RUN(full_ones_make_room);
    RUN(a_file_that_was_moved_is_made_again);
    RUN(what_cannot_be_opened_changes_nothing);
    RUN(a_reader_that_stalls_is_not_waited_for);
    RUN(standard_error_is_not_waited_for);
    rmdir(directory);
    return VERDICT;
}
