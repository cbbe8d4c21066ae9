/*
 * A plugin of QEMU (version 1 of its interface: QEMU 7 and 8), which counts what a round trip of a
 * request takes where a clock would only tell how busy the machine is: instructions, blocks of
 * them, pages, exits of the domain. A trip goes from one time that the store's domain falls asleep
 * to the next.
 *
 *   -plugin trips.so,out=FILE,idle=ADDRESS
 *
 * ADDRESS is the instruction with which the domain falls asleep. After each 1,000 trips FILE is
 * written anew: the medians of the last 500 (`who NAME VALUE...`), and of the last trip each block
 * (`block ADDRESS INSTRUCTIONS TIMES COLD`) and each page of data (`page NUMBER ACCESSES LINES`)
 * of the store's domain. COLD says how often the emulator had to search for a block, for it forgets
 * where they are whenever the domain is switched.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* The part of qemu-plugin.h that is used here. Debian packages no such header. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*)(uint64_t id, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *),
                                          int flags, void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *),
                                            int flags, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
                                      void (*)(unsigned, uint32_t, uint64_t, void *), int flags,
                                      int kinds, void *);
#define READS_AND_WRITES 3

#define REPORT_EVERY 1000
#define OF_THE_LAST 500
#define BUCKETS 65536
#define PAGE_SHIFT 12
#define LINE_SHIFT 6

/* Told apart by their addresses alone: the store's domain lies at the bottom (mini-os/), programs
 * of Dom0 are position independent. */
enum who { STORE, XEN, KERNEL, USER, EVERYBODY };
static const char *const names[EVERYBODY] = {"store", "xen", "kernel", "user"};

static enum who who_is_at(uint64_t address) {
    if (address < 0x110000000)
        return STORE;
    if (address < 0x800000000000)
        return USER;
    return address < 0xffff880000000000 ? XEN : KERNEL;
}

enum what {
    INSTRUCTIONS,
    BLOCKS,
    DIFFERENT_BLOCKS,
    COLD_BLOCKS,
    CODE_PAGES,
    DATA_PAGES,
    EXITS,
    COUNTERS,
    COUNTS
};
static const char *const titles[COUNTS] = {"instructions", "blocks",     "different", "cold",
                                           "code-pages",   "data-pages", "exits",     "rdtsc"};

static uint64_t now[EVERYBODY][COUNTS];
static uint64_t trips[OF_THE_LAST][EVERYBODY][COUNTS];
static uint64_t trip; /* the number of this one */

struct block {
    uint64_t address;
    unsigned instructions;
    enum who who;
    bool direct;   /* ends with a jump whose target it knows */
    uint64_t seen; /* the trip of the counts */
    unsigned times, cold;
    struct block *next;
};
struct page {
    uint64_t number;
    uint64_t run, touched; /* trips */
    unsigned accesses;
    uint64_t lines; /* a bit for each */
    struct page *next;
};
static struct block *blocks[BUCKETS];
static struct page *pages[BUCKETS];

static unsigned bucket(uint64_t key) {
    return (key ^ key >> 16) % BUCKETS;
}

static void *make(size_t size) {
    void *one = calloc(1, size);
    if (!one)
        abort();
    return one;
}

static struct block *block_at(uint64_t address, unsigned instructions) {
    struct block **head = &blocks[bucket(address)];
    for (struct block *b = *head; b; b = b->next)
        if (b->address == address && b->instructions == instructions)
            return b;
    struct block *b = make(sizeof(*b));
    *b = (struct block){
        .address = address, .instructions = instructions, .who = who_is_at(address), .next = *head};
    return *head = b;
}

static struct page *page_of(uint64_t address) {
    uint64_t number = address >> PAGE_SHIFT;
    struct page **head = &pages[bucket(number)];
    for (struct page *p = *head; p; p = p->next)
        if (p->number == number)
            return p;
    struct page *p = make(sizeof(*p));
    *p = (struct page){.number = number, .next = *head};
    return *head = p;
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t median(enum who who, enum what what) {
    uint64_t values[OF_THE_LAST];
    for (unsigned i = 0; i < OF_THE_LAST; i++)
        values[i] = trips[i][who][what];
    qsort(values, OF_THE_LAST, sizeof(*values), ascending);
    return values[OF_THE_LAST / 2];
}

static const char *path;

static void report(void) {
    FILE *file = fopen(path, "w");
    if (!file)
        return;
    for (enum who who = 0; who < EVERYBODY; who++) {
        fprintf(file, "who %s", names[who]);
        for (enum what what = 0; what < COUNTS; what++)
            fprintf(file, " %s=%lu", titles[what], (unsigned long)median(who, what));
        fprintf(file, "\n");
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct block *b = blocks[i]; b; b = b->next)
            if (b->who == STORE && b->seen == trip)
                fprintf(file, "block %lx %u %u %u\n", (unsigned long)b->address, b->instructions,
                        b->times, b->cold);
        for (struct page *p = pages[i]; p; p = p->next)
            if (p->touched == trip && who_is_at(p->number << PAGE_SHIFT) == STORE)
                fprintf(file, "page %lx %u %lx\n", (unsigned long)p->number, p->accesses,
                        (unsigned long)p->lines);
    }
    fclose(file);
}

static void end_trip(void) {
    memcpy(trips[trip % OF_THE_LAST], now, sizeof(now));
    memset(now, 0, sizeof(now));
    if (trip && trip % REPORT_EVERY == 0)
        report();
    trip++;
}

/*
 * Where the emulator looks for a block that is not chained to the one before: a table with one
 * place for each hash of an address, empty after each switch. Chained are blocks that a direct jump
 * leads to within a page (accel/tcg/tb-hash.h, translator.c).
 */
static uint64_t table[4096];

static unsigned place_of(uint64_t address) {
    uint64_t mixed = address ^ address >> 6;
    return (mixed >> 6 & 0xfc0) | (mixed & 0x3f);
}

static bool is_cold(const struct block *from, const struct block *to) {
    if (from && from->direct && from->address >> PAGE_SHIFT == to->address >> PAGE_SHIFT)
        return false;
    uint64_t *place = &table[place_of(to->address)];
    bool cold = *place != to->address;
    *place = to->address;
    return cold;
}

static bool asleep;

static void on_block(unsigned cpu, void *data) {
    static struct block *last; /* of the store, without anybody between */
    static enum who before = EVERYBODY;
    struct block *b = data;
    uint64_t *count = now[b->who];
    bool cold = false;
    (void)cpu;
    if (b->who == STORE) {
        if (before != STORE) {
            if (asleep) {
                asleep = false;
                end_trip();
            }
            memset(table, 0, sizeof(table));
            last = NULL;
        }
        cold = is_cold(last, b);
        last = b;
    }
    before = b->who;
    count[INSTRUCTIONS] += b->instructions;
    count[BLOCKS]++;
    count[COLD_BLOCKS] += cold;
    if (b->seen != trip) {
        struct page *page = page_of(b->address);
        b->seen = trip;
        b->times = b->cold = 0;
        count[DIFFERENT_BLOCKS]++;
        count[CODE_PAGES] += page->run != trip;
        page->run = trip;
    }
    b->times++;
    b->cold += cold;
}

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *data) {
    struct page *page = page_of(address);
    (void)cpu, (void)info;
    if (page->touched != trip) {
        page->touched = trip;
        page->accesses = 0;
        page->lines = 0;
        now[(uintptr_t)data][DATA_PAGES]++;
    }
    page->accesses++;
    page->lines |= 1UL << (address >> LINE_SHIFT & 63);
}

static void on_exit_of_domain(unsigned cpu, void *data) {
    (void)cpu;
    now[(uintptr_t)data][EXITS]++;
}

static void on_counter(unsigned cpu, void *data) {
    (void)cpu;
    now[(uintptr_t)data][COUNTERS]++;
}

static void on_idle(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    asleep = true;
}

static bool is(const struct qemu_plugin_insn *one, const char *bytes, size_t size) {
    return qemu_plugin_insn_size(one) >= size &&
           memcmp(qemu_plugin_insn_data(one), bytes, size) == 0;
}

/* jmp, jcc and call with a target in the instruction, and what only ends for its length. */
static bool is_direct(const struct qemu_plugin_insn *one) {
    static const unsigned char indirect[] = {0xc2, 0xc3, 0xff, 0x41, 0x3e, 0xf3, 0xf2};
    const unsigned char *bytes = qemu_plugin_insn_data(one);
    return !memchr(indirect, bytes[0], sizeof(indirect));
}

static uint64_t idle_at;

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb) {
    size_t count = qemu_plugin_tb_n_insns(tb);
    struct block *b = block_at(qemu_plugin_tb_vaddr(tb), count);
    void *who = (void *)(uintptr_t)b->who;
    (void)id;
    b->direct = is_direct(qemu_plugin_tb_get_insn(tb, count - 1));
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, 0, b);
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *one = qemu_plugin_tb_get_insn(tb, i);
        bool syscall = is(one, "\x0f\x05", 2), vmmcall = is(one, "\x0f\x01\xd9", 3);
        bool counter = is(one, "\x0f\x31", 2), halt = is(one, "\xf4", 1);
        if (syscall || vmmcall || counter || halt)
            qemu_plugin_register_vcpu_insn_exec_cb(one, on_exit_of_domain, 0, who);
        if (counter)
            qemu_plugin_register_vcpu_insn_exec_cb(one, on_counter, 0, who);
        if (qemu_plugin_insn_vaddr(one) == idle_at)
            qemu_plugin_register_vcpu_insn_exec_cb(one, on_idle, 0, NULL);
        qemu_plugin_register_vcpu_mem_cb(one, on_access, 0, READS_AND_WRITES, who);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            path = strdup(argv[i] + 4);
        if (strncmp(argv[i], "idle=", 5) == 0)
            idle_at = strtoull(argv[i] + 5, NULL, 0);
    }
    if (!path || !idle_at)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
