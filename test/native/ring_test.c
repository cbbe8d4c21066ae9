/* The arithmetic of a ring page, with a guest that is kind and one that is not. */
#include "../../stubdom/transport/ring.h"
#include "check.h"
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

static struct xenstore_domain_interface *page;

static void fresh(uint32_t index) {
    memset(page, 0, 4096);
    page->req_cons = page->req_prod = page->rsp_cons = page->rsp_prod = index;
}

static void guest_writes(const char *bytes, uint32_t length) {
    for (uint32_t i = 0; i < length; i++)
        page->req[MASK_XENSTORE_IDX(page->req_prod++)] = bytes[i];
}

static void takes_what_is_there(void) {
    char to[64];
    size_t taken;
    fresh(0);
    CHECK(ring_take(page, to, sizeof(to), &taken) == RING_OK && taken == 0);
    guest_writes("hello", 5);
    CHECK(ring_take(page, to, sizeof(to), &taken) == RING_OK && taken == 5);
    CHECK(memcmp(to, "hello", 5) == 0);
    CHECK(page->req_cons == 5);
}

static void takes_no_more_than_asked(void) {
    char to[3];
    size_t taken;
    fresh(7);
    guest_writes("abcdef", 6);
    CHECK(ring_take(page, to, 3, &taken) == RING_OK && taken == 3 && memcmp(to, "abc", 3) == 0);
    CHECK(ring_take(page, to, 3, &taken) == RING_OK && taken == 3 && memcmp(to, "def", 3) == 0);
}

/* Every start, every length: the two halves of a wrapped copy always meet. */
static void wraps_everywhere(void) {
    char bytes[XENSTORE_RING_SIZE], to[XENSTORE_RING_SIZE];
    static const uint32_t bases[] = {0, 0x7ffffc00, 0xfffffc00};
    size_t moved;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = i * 7 + 3;
    for (unsigned b = 0; b < 3; b++)
        for (uint32_t start = 0; start < XENSTORE_RING_SIZE; start += 31)
            for (uint32_t length = 1; length <= XENSTORE_RING_SIZE; length += 61) {
                fresh(bases[b] + start);
                guest_writes(bytes, length);
                CHECK(ring_take(page, to, sizeof(to), &moved) == RING_OK && moved == length);
                CHECK(memcmp(to, bytes, length) == 0);
                CHECK(ring_put(page, bytes, length, &moved) == RING_OK && moved == length);
                for (uint32_t i = 0; i < length; i++)
                    if (page->rsp[MASK_XENSTORE_IDX(bases[b] + start + i)] != bytes[i])
                        CHECK(false);
            }
}

/* What is staged is seen when it is published, wherever it lies, and what does not fit is not. */
static void stages_everywhere(void) {
    char bytes[XENSTORE_RING_SIZE];
    static const uint32_t bases[] = {0, 0x7ffffc00, 0xfffffc00};
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = i * 7 + 3;
    for (unsigned b = 0; b < 3; b++)
        for (uint32_t start = 0; start < XENSTORE_RING_SIZE; start += 5)
            for (uint32_t length = 0; length <= XENSTORE_RING_SIZE - 16; length += 63) {
                uint32_t from = bases[b] + start, end = from + 16 + length, left = 1008 - length;
                fresh(from);
                CHECK(ring_produced(page) == from);
                CHECK(ring_stage(page, from, 0, bytes, 16, bytes + 16, length));
                CHECK(!ring_stage(page, from, 16 + length, bytes, 16, bytes, left));
                CHECK(page->rsp_prod == from);
                CHECK(ring_publish(page, end) == RING_OK && page->rsp_prod == end);
                for (uint32_t i = 0; i < 16 + length; i++)
                    if (page->rsp[MASK_XENSTORE_IDX(from + i)] != bytes[i])
                        CHECK(false);
            }
    /* A guest that says it read what was never there. */
    fresh(5);
    page->rsp_cons = 6;
    CHECK(!ring_stage(page, 5, 0, bytes, 16, bytes, 1));
    page->connection = 1;
    CHECK(ring_publish(page, 22) == RING_RECONNECT && page->rsp_prod == 5);
}

static void puts_only_what_fits(void) {
    char bytes[2000];
    size_t put;
    memset(bytes, 'x', sizeof(bytes));
    fresh(0);
    CHECK(ring_put(page, bytes, sizeof(bytes), &put) == RING_OK && put == XENSTORE_RING_SIZE);
    CHECK(ring_put(page, bytes, 1, &put) == RING_OK && put == 0);
    page->rsp_cons += 10;
    CHECK(ring_put(page, bytes, sizeof(bytes), &put) == RING_OK && put == 10);
}

static void refuses_nonsense_indexes(void) {
    static const uint32_t nonsense[] = {1025, 2048, 0x80000000, 0xffffffff};
    char to[16];
    size_t moved;
    for (unsigned i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        fresh(100);
        page->req_prod = page->req_cons + nonsense[i];
        CHECK(ring_take(page, to, sizeof(to), &moved) == RING_BAD_INDEX && moved == 0);
        CHECK(page->req_cons == 100);
        fresh(100);
        page->rsp_cons = page->rsp_prod - nonsense[i];
        CHECK(ring_put(page, to, sizeof(to), &moved) == RING_BAD_INDEX && moved == 0);
        CHECK(page->rsp_prod == 100);
    }
}

static void a_full_ring_is_no_nonsense(void) {
    char to[XENSTORE_RING_SIZE];
    size_t taken;
    fresh(0xfffffe00);
    page->req_prod = page->req_cons + XENSTORE_RING_SIZE;
    CHECK(ring_take(page, to, sizeof(to), &taken) == RING_OK && taken == XENSTORE_RING_SIZE);
}

static void reconnects_before_anything_is_moved(void) {
    char to[16];
    size_t moved;
    fresh(5);
    guest_writes("abc", 3);
    page->connection = XENSTORE_RECONNECT;
    CHECK(ring_take(page, to, sizeof(to), &moved) == RING_RECONNECT && moved == 0);
    CHECK(ring_put(page, "x", 1, &moved) == RING_RECONNECT && moved == 0);
    page->error = XENSTORE_ERROR_RINGIDX;
    ring_reset(page);
    CHECK(page->req_cons == 0 && page->req_prod == 0 && page->rsp_cons == 0 && page->rsp_prod == 0);
    CHECK(page->error == XENSTORE_ERROR_NONE && page->connection == XENSTORE_CONNECTED);
}

static void announcing_keeps_the_ring(void) {
    fresh(9);
    guest_writes("abc", 3);
    page->connection = XENSTORE_RECONNECT;
    ring_announce(page);
    CHECK(page->connection == XENSTORE_CONNECTED && page->req_prod == 12 && page->req_cons == 9);
}

static void fields_stand_where_the_protocol_says(void) {
    fresh(0);
    ring_set_features(page, 15);
    ring_set_error(page, 3);
    uint32_t port = 77;
    memcpy((char *)page + 2076, &port, sizeof(port));
    CHECK(*(uint32_t *)((char *)page + 2064) == 15);
    CHECK(*(uint32_t *)((char *)page + 2072) == 3);
    CHECK(ring_own_port(page) == 77);
}

/* A guest that changes its page at will: whatever is there, no byte outside the buffers moves. */
static void survives_random_pages(void) {
    unsigned seed = 20261122;
    for (int round = 0; round < 200000; round++) {
        char to[256];
        size_t moved;
        page->req_cons = (uint32_t)rand_r(&seed) << (rand_r(&seed) % 8);
        page->req_prod = page->req_cons + rand_r(&seed) % (1 << rand_r(&seed) % 20);
        page->rsp_prod = (uint32_t)rand_r(&seed) << (rand_r(&seed) % 8);
        page->rsp_cons = page->rsp_prod - rand_r(&seed) % (1 << rand_r(&seed) % 20);
        size_t room = rand_r(&seed) % sizeof(to);
        ring_take(page, to, room, &moved);
        CHECK(moved <= room);
        ring_put(page, to, room, &moved);
        CHECK(moved <= room);
    }
}

int main(void) {
    page = aligned_alloc(4096, 4096);
    RUN(takes_what_is_there);
    RUN(takes_no_more_than_asked);
    RUN(wraps_everywhere);
    RUN(stages_everywhere);
    RUN(puts_only_what_fits);
    RUN(refuses_nonsense_indexes);
    RUN(a_full_ring_is_no_nonsense);
    RUN(reconnects_before_anything_is_moved);
    RUN(announcing_keeps_the_ring);
    RUN(fields_stand_where_the_protocol_says);
    RUN(survives_random_pages);
    free(page);
    return VERDICT;
}
