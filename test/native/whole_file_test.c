/* Files that are there as a whole or not at all. */
#include "../../stubdom/linux/whole_file.h"
#include "check.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/whole-test-XXXXXX";
static char path[64], other[64];

static bool has(const char *file, const char *expected) {
    static char bytes[4096];
    FILE *from = fopen(file, "r");
    if (!from)
        return false;
    bytes[fread(bytes, 1, sizeof(bytes) - 1, from)] = '\0';
    fclose(from);
    return strcmp(bytes, expected) == 0;
}

static int files(void) {
    int count = 0;
    DIR *open = opendir(directory);
    for (struct dirent *entry; (entry = readdir(open));)
        count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

static const char *put(const char *text) {
    const char *wrong = whole_file_begin(path);
    if (!wrong)
        wrong = whole_file_add(text, strlen(text));
    return wrong ? wrong : whole_file_end(true);
}

static void it_takes_the_place_of_the_one_before(void) {
    struct stat about;
    CHECK(put("one") == NULL && has(path, "one"));
    chmod(path, 0644);
    CHECK(whole_file_begin(path) == NULL && whole_file_add("tw", 2) == NULL);
    CHECK(has(path, "one"));
    CHECK(whole_file_add("o", 1) == NULL && whole_file_end(true) == NULL);
    CHECK(has(path, "two") && files() == 1);
    CHECK(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
}

static void what_is_not_whole_leaves_nothing(void) {
    CHECK(whole_file_begin(path) == NULL && whole_file_add("x", 1) == NULL);
    CHECK(whole_file_end(false) != NULL);
    CHECK(has(path, "two") && files() == 1);
    CHECK(whole_file_end(true) != NULL && whole_file_add("x", 1) != NULL);
    /* Begun anew before it was ended. */
    CHECK(whole_file_begin(path) == NULL && put("three") == NULL);
    CHECK(has(path, "three") && files() == 1);
}

static void where_there_is_no_room_the_last_one_stays(void) {
    struct rlimit small = {2, RLIM_INFINITY}, old;
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    const char *wrong = put("four");
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK(wrong && strcmp(wrong, "File too large.") == 0);
    CHECK(has(path, "three") && files() == 1);
}

static void only_plain_files_are_replaced(void) {
    CHECK(rename(path, other) == 0 && symlink(other, path) == 0);
    CHECK(put("five") != NULL && has(other, "three"));
    unlink(path);
    CHECK(symlink("/no/such/place", path) == 0 && put("five") != NULL);
    unlink(path);
    CHECK(mkfifo(path, 0600) == 0 && put("five") != NULL);
    unlink(path);
    CHECK(mkdir(path, 0700) == 0 && put("five") != NULL);
    rmdir(path);
    CHECK(files() == 1 && whole_file_begin("/no/such/place") != NULL);
    unlink(other);
}

int main(void) {
    if (!mkdtemp(directory))
        return 2;
    snprintf(path, sizeof(path), "%s/file", directory);
    snprintf(other, sizeof(other), "%s/other", directory);
    RUN(it_takes_the_place_of_the_one_before);
    RUN(what_is_not_whole_leaves_nothing);
    RUN(where_there_is_no_room_the_last_one_stays);
    RUN(only_plain_files_are_replaced);
    rmdir(directory);
    return VERDICT;
}
