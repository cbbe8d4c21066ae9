/* The journal against arrays that remember the same, through commits, discards and failures of
 * memory. */
#include "../../stubdom/engine/memory.h"
#include "check.h"
#include "journal_records.h"

#define ROWS 3000
#define KEPT 300

struct known {
    bool there, has_state;
    uint32_t parent, perms, state_perms;
    unsigned order;
    char name[40], value[64], state[64];
};

/* A heap in pieces, as the linker's --wrap makes it (build/native.mk): no block of so many bytes or
 * more is found in it. 0: any is. */
static size_t too_large;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size) {
    return too_large && size >= too_large ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *block, size_t size) {
    return too_large && size >= too_large ? NULL : __real_realloc(block, size);
}

static struct known now[ROWS], before[ROWS];
static char kept_now[KEPT][64], kept_before[KEPT][64];
static struct journal *j;
static unsigned order;
static unsigned failed_puts;

static void make(uint32_t row) {
    struct known *k = &now[row], fresh = {.there = true, .parent = any(ROWS), .perms = any(5)};
    snprintf(fresh.name, sizeof(fresh.name), "%s%u", any(2) ? "node-" : "x", any(1000));
    static const char long_value[] = "/local/domain/0/backend/vbd/12/51712/frontend/and/what/more";
    memcpy(fresh.value, long_value, any(sizeof(long_value)));
    struct journal_record r = of(JOURNAL_NODES, row, fresh.name, fresh.value);
    r.parent = fresh.parent;
    r.perms = fresh.perms;
    if (!journal_put(j, &r)) {
        failed_puts++;
        return;
    }
    fresh.order = ++order;
    *k = fresh;
}

static void change(uint32_t row) {
    struct known *k = &now[row];
    char value[64];
    snprintf(value, sizeof(value), "%u", any(100000));
    struct journal_record r = of(JOURNAL_STATES, row, "", value);
    r.perms = any(5);
    size_t mark = journal_mark(j);
    if ((!k->has_state && !journal_first_state(j, row, strlen(k->name))) || !journal_put(j, &r)) {
        journal_cancel(j, mark);
        failed_puts++;
        return;
    }
    strcpy(k->state, value);
    k->state_perms = r.perms;
    k->has_state = true;
}

static void forget(uint32_t row) {
    size_t mark = journal_mark(j);
    if (journal_drop(j, JOURNAL_NODES, row) && journal_drop(j, JOURNAL_STATES, row))
        now[row].there = now[row].has_state = false;
    else
        journal_cancel(j, mark);
}

static void one(void) {
    uint32_t row = any(4) ? any(ROWS) : any(20);
    if (!now[row].there)
        make(row);
    else if (any(3))
        change(row);
    else
        forget(row);
}

static void keep_one(void) {
    uint32_t id = any(KEPT);
    if (kept_now[id][0]) {
        if (journal_drop(j, JOURNAL_TEXTS, id))
            kept_now[id][0] = '\0';
        return;
    }
    long number = journal_number(j);
    if (number < 0 || number >= KEPT)
        return;
    char text[64];
    snprintf(text, sizeof(text), "kept %u", any(1000));
    struct journal_record r = of(JOURNAL_TEXTS, (uint32_t)number, "", text);
    if (journal_put(j, &r))
        strcpy(kept_now[number], text);
}

static bool same(const char *text, const char *bytes, size_t length) {
    return strlen(text) == length && memcmp(text, bytes, length) == 0;
}

/* Whether what is read is what is known, neither more nor less. */
static void compare(void) {
    static bool seen[ROWS];
    struct journal_record r;
    size_t count, expected = 0, states = 0;
    memset(seen, 0, sizeof(seen));
    static uint32_t ages[ROWS], high[ROWS], rows_of[ROWS];
    CHECK(journal_scan(j, JOURNAL_NODES));
    journal_order_into(j, ages, high, rows_of, ROWS);
    while (journal_next(j, &r)) {
        const struct known *k = &now[r.id];
        CHECK(r.id < ROWS && k->there && !seen[r.id]);
        CHECK(same(k->name, r.name, r.name_length));
        CHECK(same(k->has_state ? "" : k->value, r.value, r.value_length));
        CHECK(r.parent == k->parent && r.perms == k->perms);
        seen[r.id] = true;
    }
    const uint32_t *rows = journal_order(j, &count);
    for (size_t i = 1; i < count; i++)
        CHECK(now[rows[i - 1]].order < now[rows[i]].order);
    for (int i = 0; i < ROWS; i++) {
        expected += now[i].there;
        states += now[i].there && now[i].has_state;
    }
    CHECK(count == expected);
    CHECK(journal_scan(j, JOURNAL_STATES));
    for (count = 0; journal_next(j, &r); count++) {
        const struct known *k = &now[r.id];
        CHECK(k->has_state && r.perms == k->state_perms && same(k->state, r.value, r.value_length));
    }
    CHECK(count == states);
    CHECK(journal_scan(j, JOURNAL_TEXTS));
    expected = 0;
    for (int i = 0; i < KEPT; i++)
        expected += kept_now[i][0] != '\0';
    uint64_t stamp = 0;
    for (count = 0; journal_next(j, &r); count++) {
        CHECK(r.id < KEPT && same(kept_now[r.id], r.value, r.value_length));
        CHECK(r.stamp > stamp);
        stamp = r.stamp;
    }
    CHECK(count == expected);
    journal_scan_end(j);
}

static void begin(size_t limit) {
    memset(now, 0, sizeof(now));
    memset(kept_now, 0, sizeof(kept_now));
    engine_memory_init(limit);
    engine_memory_turn();
    j = journal_new();
}

static void end(void) {
    journal_free(j);
    CHECK(engine_memory_used() == 0);
    engine_memory_end();
}

static void rounds(unsigned most, bool comparing) {
    for (unsigned round = 0; round < most; round++) {
        memcpy(before, now, sizeof(now));
        memcpy(kept_before, kept_now, sizeof(kept_now));
        for (unsigned n = any(8); n > 0; n--)
            one();
        if (any(4) == 0)
            keep_one();
        if (any(5) == 0) {
            journal_discard(j);
            memcpy(now, before, sizeof(now));
            memcpy(kept_now, kept_before, sizeof(kept_now));
        } else {
            journal_commit(j);
        }
        if (comparing && any(500) == 0)
            compare();
    }
    if (comparing)
        compare();
}

static void what_is_read_is_what_was_committed(void) {
    begin(0);
    rounds(20000, true);
    end();
}

static void a_failed_allocation_changes_nothing(void) {
    begin(0);
    failed_puts = 0;
    for (int i = 0; i < 300; i++) {
        engine_memory_request(11, 0, -1);
        engine_memory_fail_pair(1, 1);
        rounds(20 + any(100), false);
        engine_memory_fail_at(0);
        compare();
    }
    CHECK(failed_puts > 0);
    rounds(1000, true);
    end();
}

/* Drops nodes with states where each allocation fails. */
static bool drop_all_without_memory(void) {
    bool good = true;
    for (int i = 0; good && i < ROWS; i++) {
        engine_memory_request(11, 0, -1);
        engine_memory_fail_pair(1, 1);
        good = journal_drop(j, JOURNAL_NODES, i) && journal_drop(j, JOURNAL_STATES, i);
    }
    engine_memory_fail_at(0);
    return good;
}

static void what_was_reserved_needs_no_memory(void) {
    begin(0);
    for (int i = 0; i < ROWS; i++) {
        make(i);
        journal_commit(j);
        change(i);
        journal_commit(j);
    }
    CHECK(!drop_all_without_memory());
    journal_discard(j);
    CHECK(journal_reserve_staged(j, 2 * ROWS));
    CHECK(drop_all_without_memory());
    journal_commit(j);
    CHECK(journal_count(j) == 0);
    end();
}

static void what_is_replaced_takes_no_room(void) {
    begin(0);
    for (int i = 0; i < ROWS; i++) {
        make(i);
        journal_commit(j);
    }
    size_t most = 0, first = journal_memory(j);
    for (int i = 0; i < 300000; i++) {
        change(any(ROWS));
        journal_commit(j);
        if (journal_memory(j) > most)
            most = journal_memory(j);
    }
    printf("# %u nodes: %zu bytes as made, at most %zu while all were changed a hundred times\n",
           ROWS, first, most);
    CHECK(most < 3 * first);
    compare();
    for (int i = 0; i < ROWS; i++) {
        forget(i);
        journal_commit(j);
    }
    CHECK(journal_count(j) == 0);
    end();
}

/* A text that was staged, and its number, leave nothing behind. */
static void numbers_of_discarded_texts_come_again(void) {
    begin(0);
    for (int round = 0; round < 100; round++) {
        long one = journal_number(j), other = journal_number(j);
        CHECK(one >= 0 && one < 2 && other >= 0 && other < 2 && one != other);
        struct journal_record r = {.table = JOURNAL_TEXTS,
                                   .id = (uint32_t)one,
                                   .name = "",
                                   .value = "x",
                                   .value_length = 1};
        CHECK(journal_put(j, &r) && journal_put(j, &r));
        journal_number_back(j, (uint32_t)other);
        journal_discard(j);
    }
    end();
}

/* One commit has more records than a block of the heap has room for: later ones must not pay. */
static void a_large_commit_is_closed_in_a_heap_in_pieces(size_t largest) {
    printf("# blocks below %zu bytes\n", largest);
    begin(0);
    for (int i = 0; i < ROWS; i++)
        make(i);
    CHECK(journal_places(j, JOURNAL_STATES, ROWS));
    too_large = largest;
    journal_commit(j);
    CHECK(journal_reserve(j, 4096));
    failed_puts = 0;
    for (int i = 0; i < 3 * ROWS; i++) {
        change(any(ROWS));
        CHECK(journal_reserve(j, 4096));
        journal_commit(j);
    }
    CHECK(failed_puts == 0);
    compare();
    too_large = 0;
    end();
}

static void however_small_the_pieces_are(void) {
    static const size_t largest[] = {90000, 40000, 16000, 8000};
    for (unsigned i = 0; i < sizeof(largest) / sizeof(*largest); i++)
        a_large_commit_is_closed_in_a_heap_in_pieces(largest[i]);
}

/* Nor is half as much again needed where there is a block for what is wanted. */
static void an_array_grows_by_what_is_wanted_in_a_heap_in_pieces(void) {
    begin(0);
    make(0);
    CHECK(journal_reserve(j, 60000));
    too_large = 70000;
    CHECK(journal_reserve(j, 65000));
    too_large = 0;
    end();
}

int main(void) {
    RUN(what_is_read_is_what_was_committed);
    RUN(a_failed_allocation_changes_nothing);
    RUN(what_was_reserved_needs_no_memory);
    RUN(what_is_replaced_takes_no_room);
    RUN(numbers_of_discarded_texts_come_again);
    RUN(however_small_the_pieces_are);
    RUN(an_array_grows_by_what_is_wanted_in_a_heap_in_pieces);
    return VERDICT;
}
