/* The index of paths against an array that remembers the same. */
#include "../../stubdom/state/paths.h"
#include "../../stubdom/engine/memory.h"
#include "check.h"
#include <string.h>

#define ROWS 20000

static char names[ROWS][64];
static bool there[ROWS];
static struct paths *p;
static unsigned seed = 1;

static unsigned any(unsigned below) {
    seed = seed * 1103515245u + 12345;
    return (seed >> 16) % below;
}

static bool is(void *rows, uint32_t row, const char *path, size_t length) {
    return rows == names && strlen(names[row]) == length && !memcmp(names[row], path, length);
}

static long find(const char *path) {
    return paths_find(p, path, strlen(path));
}

static bool put(uint32_t row) {
    return paths_put(p, names[row], strlen(names[row]), row);
}

static void begin(void) {
    memset(there, 0, sizeof(there));
    engine_memory_init(0);
    /* Short ones, and such as differ in any of their characters alone. */
    for (unsigned i = 0; i < ROWS; i++) {
        memset(names[i], 0, sizeof(names[i]));
        snprintf(names[i], sizeof(names[i]), i % 3 ? "/local/domain/%u/device/%u" : "/%u%u", i, i);
    }
    p = paths_new(any(1000), is, names);
    CHECK(p);
}

static void end(void) {
    paths_free(p);
    CHECK(engine_memory_used() == 0);
}

static void compare(void) {
    size_t count = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        count += there[i];
        CHECK(find(names[i]) == (there[i] ? (long)i : -1));
    }
    CHECK(paths_count(p) == count);
}

static void what_was_put_is_found(void) {
    begin();
    for (int round = 0; round < 20; round++) {
        for (int n = 0; n < ROWS / 4; n++) {
            unsigned row = any(ROWS);
            if (any(3)) {
                if (!there[row])
                    CHECK(put(row));
                there[row] = true;
            } else {
                CHECK(paths_drop(p, row) == there[row]);
                there[row] = false;
            }
        }
        compare();
    }
    end();
}

static void a_path_leads_to_the_row_that_came_last(void) {
    begin();
    strcpy(names[1], names[0]);
    CHECK(put(0) && put(1));
    CHECK(find(names[0]) == 1 && paths_count(p) == 1);
    CHECK(!paths_drop(p, 0) && find(names[0]) == 1);
    CHECK(paths_drop(p, 1) && !paths_drop(p, 1) && find(names[0]) == -1);
    CHECK(put(0) && find(names[0]) == 0);
    CHECK(!paths_drop(p, ROWS - 1));
    end();
}

static void paths_of_any_length(void) {
    begin();
    for (unsigned i = 0; i < 60; i++) {
        memset(names[i], 'x', i);
        names[i][i] = 0;
        CHECK(put(i));
    }
    for (unsigned i = 0; i < 60; i++)
        CHECK(find(names[i]) == (long)i);
    for (unsigned i = 0; i < 60; i++)
        CHECK(paths_drop(p, i) && find(names[i]) == -1);
    end();
}

static void it_takes_twelve_bytes_a_row(void) {
    begin();
    for (unsigned i = 0; i < ROWS; i++)
        CHECK(put(i));
    printf("# %d paths: %zu bytes\n", ROWS, paths_memory(p));
    CHECK(paths_memory(p) < ROWS * 12.8);
    end();
}

/* Each allocation in turn fails: a path is there or it is not. */
static void memory_may_end_anywhere(void) {
    for (unsigned long n = 1; n < 40; n++) {
        begin();
        engine_memory_request(11, 0, -1);
        engine_memory_fail_at(n);
        unsigned refused = 0;
        for (unsigned i = 0; i < ROWS; i++) {
            there[i] = put(i);
            refused += !there[i];
        }
        CHECK(refused <= 1);
        compare();
        engine_memory_fail_at(0);
        end();
    }
}

int main(void) {
    RUN(what_was_put_is_found);
    RUN(a_path_leads_to_the_row_that_came_last);
    RUN(paths_of_any_length);
    RUN(it_takes_twelve_bytes_a_row);
    RUN(memory_may_end_anywhere);
    return VERDICT;
}
