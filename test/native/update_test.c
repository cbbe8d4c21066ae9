/* The state that one program hands over, and that somebody fetches in pieces. */
#include "../../stubdom/state/update.h"
#include "check.h"
#include "fake_platform.h"
#include <string.h>

static void save(const char *text) {
    CHECK(update_save(text, strlen(text)));
}

static bool restores(const char *expected) {
    const char *bytes;
    size_t length;
    if (!update_restore(&bytes, &length))
        return !expected;
    return expected && length == strlen(expected) && memcmp(bytes, expected, length) == 0;
}

static bool kept(size_t offset, size_t room, const char *expected) {
    char bytes[64];
    size_t length = update_kept(offset, bytes, room);
    return length == strlen(expected) && memcmp(bytes, expected, length) == 0;
}

static void chunks_come_out_in_order_once(void) {
    CHECK(restores(NULL));
    save("one");
    save("two");
    CHECK(restores("one"));
    save("three");
    CHECK(restores("two") && restores("three") && restores(NULL) && restores(NULL));
    save("again");
    CHECK(restores("again") && restores(NULL));
}

static void a_copy_of_all_chunks_is_restored_in_place(void) {
    char copy[64];
    save("one");
    save("");
    save("three");
    size_t size = update_leave(NULL);
    CHECK(size == 3 * sizeof(uint32_t) + 8 && update_leave(copy) == size);
    update_discard();
    update_continue(copy, size);
    CHECK(restores("one") && restores("") && restores("three") && restores(NULL));
    update_continue(copy, size - 1);
    CHECK(restores("one") && restores("") && restores(NULL));
    update_continue(copy, 2);
    CHECK(restores(NULL));
    update_continue(NULL, 0);
    save("of its own");
    CHECK(restores("of its own") && restores(NULL));
}

static void what_is_kept_is_read_anywhere(void) {
    save("0123");
    save("45");
    save("6789");
    CHECK(update_keep() == 10);
    CHECK(restores(NULL));
    CHECK(kept(0, 64, "0123456789") && kept(3, 4, "3456") && kept(5, 1, "5"));
    CHECK(kept(6, 64, "6789") && kept(10, 64, "") && kept(1000, 64, "") && kept(0, 0, ""));
    /* Beside it another state is handed over. */
    save("other");
    CHECK(restores("other") && kept(9, 9, "9"));
    save("new");
    CHECK(update_keep() == 3 && kept(0, 64, "new"));
    update_drop_state();
    CHECK(kept(0, 64, "") && update_keep() == 0);
}

static void writing_leaves_what_is_kept(void) {
    save("kept");
    update_keep();
    save("written");
    CHECK(update_write("/file") != NULL); /* the fake platform has no files */
    CHECK(restores(NULL) && kept(0, 64, "kept"));
    save("half");
    CHECK(restores("half"));
    save("read");
    update_drop_state();
    CHECK(restores(NULL) && kept(0, 64, ""));
}

static void what_is_discarded_leaves_what_is_kept(void) {
    save("kept");
    update_keep();
    save("one");
    save("two");
    CHECK(restores("one"));
    update_discard();
    CHECK(restores(NULL) && update_saved() == 0 && kept(0, 64, "kept"));
    save("new");
    CHECK(restores("new") && restores(NULL));
    update_drop_state();
}

int main(void) {
    RUN(chunks_come_out_in_order_once);
    RUN(a_copy_of_all_chunks_is_restored_in_place);
    RUN(what_is_kept_is_read_anywhere);
    RUN(writing_leaves_what_is_kept);
    RUN(what_is_discarded_leaves_what_is_kept);
    return VERDICT;
}
