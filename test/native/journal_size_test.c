/* What the journal takes depends on what counts, not on what was there before. */
#include "../../stubdom/engine/memory.h"
#include "check.h"
#include "journal_records.h"
#include <stdlib.h>

static struct journal *j;

static void begin(void) {
    engine_memory_init(0);
    engine_memory_turn();
    j = journal_new();
}

static void end(void) {
    journal_free(j);
    CHECK(engine_memory_used() == 0);
    engine_memory_end();
}

/* The bytes of a large value, and what the journal may take besides all that count. */
#define LARGE 2000
#define BESIDES (128 * 1024)

/* LARGE bytes, others each time. */
static const char *large(void) {
    static char text[LARGE + 1];
    for (unsigned i = 0; i < LARGE; i++)
        text[i] = (char)('a' + any(26));
    return text;
}

static void put_and_commit(uint32_t row, const char *value) {
    struct journal_record r = of(JOURNAL_NODES, row, "n", value);
    CHECK(journal_put(j, &r));
    journal_commit(j);
}

/* A few small records that stay must not keep the large ones that lay beside them. */
static void large_records_are_let_go_of(void) {
    begin();
    size_t most = 0;
    for (uint32_t i = 0; i < 3000; i++) {
        put_and_commit(1000 + any(40), large());
        if (i % 10 == 0)
            put_and_commit(i / 10, "small");
        if (journal_memory(j) > most)
            most = journal_memory(j);
    }
    printf(
        "# 40 nodes with %u bytes changed 3,000 times, beside 300 small ones: at most %zu bytes\n",
        LARGE, most);
    CHECK(most < 40 * LARGE + BESIDES);
    end();
}

/* However small what replaces them is, and in one commit or in many. */
static void shrinking_records_are_let_go_of(bool at_once) {
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        put_and_commit(i, i % 8 ? large() : "small");
    CHECK(journal_memory(j) > 1000 * LARGE * 6 / 8);
    for (uint32_t i = 0; i < 1000; i++) {
        struct journal_record r = of(JOURNAL_NODES, i, "n", "tiny");
        if (i % 8)
            CHECK(journal_put(j, &r));
        if (!at_once)
            journal_commit(j);
    }
    journal_commit(j);
    printf("# 1,000 nodes, seven of eight with %u bytes before: %zu bytes\n", LARGE,
           journal_memory(j));
    CHECK(journal_memory(j) < BESIDES);
    end();
}

/* What replaces a value that a node was made with is a state, and the name stays. */
static void values_of_nodes_are_let_go_of(void) {
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        put_and_commit(i, large());
    size_t made = journal_memory(j);
    for (uint32_t i = 0; i < 1000; i++) {
        struct journal_record r = of(JOURNAL_STATES, i, "", "tiny");
        CHECK(journal_first_state(j, i, 1) && journal_put(j, &r));
        journal_commit(j);
    }
    printf("# 1,000 nodes with %u bytes: %zu bytes; with states of 4 bytes: %zu\n", LARGE, made,
           journal_memory(j));
    CHECK(journal_memory(j) < BESIDES);
    end();
}

static void large_records_shrink_one_by_one(void) {
    shrinking_records_are_let_go_of(false);
}

static void large_records_shrink_at_once(void) {
    shrinking_records_are_let_go_of(true);
}

/* Texts that are large and brief, as the paths of a delivery, beside a store that stays. */
static void large_texts_are_let_go_of(void) {
    enum { TEXT = 800 * 1024 };
    char *text = malloc(TEXT);
    memset(text, 't', TEXT);
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        put_and_commit(i, large());
    size_t before = journal_memory(j), most = 0;
    for (int round = 0; round < 60; round++) {
        long number = journal_number(j);
        CHECK(number == 0);
        struct journal_record r = {.table = JOURNAL_TEXTS,
                                   .id = (uint32_t)number,
                                   .name = "",
                                   .value = text,
                                   .value_length = TEXT};
        CHECK(journal_put(j, &r));
        journal_commit(j);
        put_and_commit(any(1000), "small");
        CHECK(journal_drop(j, JOURNAL_TEXTS, (uint32_t)number));
        journal_commit(j);
        if (journal_memory(j) > most)
            most = journal_memory(j);
    }
    printf("# 60 texts of %d bytes, one after the other, beside %zu bytes: at most %zu, then %zu\n",
           TEXT, before, most, journal_memory(j));
    CHECK(most < before + 3 * TEXT && journal_memory(j) < before + before / 5 + BESIDES);
    free(text);
    end();
}

static void siblings_take_little(void) {
    char name[40], value[40];
    begin();
    unsigned nodes = 0;
    size_t texts = 0, empty = journal_memory(j);
    for (int domain = 1; domain <= 1000; domain++) {
        uint32_t parent = nodes;
        for (int n = 0; n < 27; n++) {
            snprintf(name, sizeof(name), "key%02d", n);
            snprintf(value, sizeof(value), "value %d", domain * 100 + n);
            struct journal_record r = of(JOURNAL_NODES, nodes++, name, value);
            r.parent = parent;
            texts += strlen(name) + strlen(value);
            CHECK(journal_put(j, &r));
            journal_commit(j);
        }
    }
    printf("# %u nodes in directories of 27: %zu bytes\n", nodes, journal_memory(j));
    CHECK(journal_memory(j) - empty < texts + nodes * 8);
    end();
}

int main(void) {
    RUN(large_records_are_let_go_of);
    RUN(values_of_nodes_are_let_go_of);
    RUN(large_records_shrink_one_by_one);
    RUN(large_records_shrink_at_once);
    RUN(large_texts_are_let_go_of);
    RUN(siblings_take_little);
    return VERDICT;
}
