/* Which files are images, and what of them is loaded where. */
#include "check.h"
#include <setjmp.h>
#define __data_start image_data_start
#define _start image_entry
#include "../../mini-os/kernel/image.c"

/* --- what lies below image.c --- */

struct boot_info boot;
const uint32_t arch_entry_note = XEN_NOTE_PHYS32_ENTRY;
static uintptr_t used_end;
static struct image_load loaded;
static struct handover *handed;
static jmp_buf started;

uintptr_t memory_used_end(void) {
    return used_end;
}

void clock_leave(void) {
}

char *region_scratch(struct handover *region) {
    return (char *)region;
}

char *region_more(struct handover *region) {
    return (char *)region;
}

struct handover *handover;
/* Symbols that this program has for itself are others in image.c. */
char __text_start[1], image_data_start[1], __data_end[1], __image_end[1], image_entry[1];

void arch_image_start(struct image_load *to_load, struct handover *region, uint64_t hypercall_page,
                      char *scratch) {
    (void)hypercall_page, (void)scratch;
    loaded = *to_load;
    handed = region;
    longjmp(started, 1);
}

/* --- a file --- */

#define PROGRAMS 4
#define TEXT 0x10000
#define PROGRAM 7 /* its version */

struct file {
    struct elf_header header;
    struct elf_program programs[PROGRAMS];
    struct {
        struct elf_note head;
        char name[4];
        uint32_t entry;
    } xen;
    struct image_note own;
    char text[100], data[60];
};

static struct file file;
static uint8_t *alone; /* a copy of the exact size, so that the sanitizer sees a byte too much */

#define PLACE(member) offsetof(struct file, member)

static void make(void) {
    file = (struct file){
        .header = {.type = EXECUTABLE,
                   .machine = X86_64,
                   .programs = PLACE(programs),
                   .program_size = sizeof(struct elf_program),
                   .program_count = 3},
        .programs = {{.type = LOADED,
                      .offset = PLACE(text),
                      .address = TEXT,
                      .file_size = 100,
                      .memory_size = 100},
                     {.type = LOADED,
                      .offset = PLACE(data),
                      .address = TEXT + PAGE_SIZE,
                      .file_size = 60,
                      .memory_size = 5000},
                     {.type = NOTES,
                      .offset = PLACE(xen),
                      .file_size = sizeof(file.xen) + sizeof(file.own)}},
        .xen = {{4, 4, XEN_NOTE_PHYS32_ENTRY}, "Xen", TEXT + 8},
        .own = IMAGE_NOTE(PROGRAM),
    };
    memcpy(file.header.ident, ELF_64_LITTLE, 7);
    boot.image_most = TEXT + 0x100000;
}

static const char *check_first(size_t size) {
    free(alone);
    alone = malloc(size);
    memcpy(alone, &file, size);
    return image_check(alone, size, PROGRAM);
}

static const char *check(void) {
    return check_first(sizeof(file));
}

static bool says(const char *why, const char *part) {
    return why && strstr(why, part);
}

static void an_image_is_accepted(void) {
    make();
    CHECK(!check());
}

static void a_part_of_one_is_refused(void) {
    make();
    for (size_t size = 0; size < PLACE(data) + sizeof(file.data); size++)
        CHECK(check_first(size));
}

static void other_files_are_refused(void) {
    make();
    file.header.ident[4] = 1;
    CHECK(says(check(), "no image"));
    make();
    file.header.machine = 183;
    CHECK(says(check(), "no image"));
    make();
    file.header.type = 3;
    CHECK(says(check(), "no image"));
    make();
    file.header.program_count = 2;
    CHECK(says(check(), "no image"));
}

static void an_image_of_another_kind_is_refused(void) {
    make();
    file.xen.head.type = XEN_NOTE_ENTRY;
    CHECK(says(check(), "PV or PVH"));
    make();
    file.own.kernel_version++;
    CHECK(says(check(), "another way"));
    make();
    file.own.program_version++;
    CHECK(says(check(), "another way"));
    make();
    file.own.name[0] = 'X';
    CHECK(says(check(), "another way"));
}

static void parts_are_in_order_and_in_their_place(void) {
    make();
    file.programs[1].address = TEXT + 50;
    CHECK(says(check(), "cannot be loaded"));
    make();
    file.programs[0].address = 0;
    CHECK(says(check(), "cannot be loaded"));
    make();
    file.programs[1].memory_size = 59;
    CHECK(says(check(), "cannot be loaded"));
    make();
    file.programs[1].memory_size = -PAGE_SIZE;
    CHECK(says(check(), "cannot be loaded"));
    make();
    file.xen.entry = TEXT - 1;
    CHECK(says(check(), "cannot be loaded"));
    make();
    boot.image_most = TEXT + PAGE_SIZE + 4999;
    CHECK(says(check(), "too large"));
    boot.image_most++;
    CHECK(!check());
}

static void notes_are_read_within_their_bounds(void) {
    make();
    file.xen.head.size = -1;
    CHECK(says(check(), "notes are broken"));
    make();
    file.xen.head.name_size = -3;
    CHECK(says(check(), "notes are broken"));
}

static void any_bytes_are_read_within_their_bounds(void) {
    unsigned seed = 1;
    for (int n = 0; n < 200000; n++) {
        make();
        for (int changes = n % 3; changes >= 0; changes--) {
            seed = seed * 1103515245u + 12345;
            ((uint8_t *)&file)[(seed >> 8) % sizeof(file)] = seed >> 24;
        }
        check();
    }
}

/* Starts it with a region, where the used part of this image's heap ends at `used`. */
static const char *start(uintptr_t used, struct handover *region) {
    boot.heap_start = TEXT + 3 * PAGE_SIZE;
    used_end = used;
    handed = NULL;
    return setjmp(started) ? NULL : image_start(alone, region, "--a", false);
}

static void an_image_needs_room(void) {
    struct handover *region = calloc(1, sizeof(*region));
    make();
    CHECK(!check());
    CHECK(says(start((uintptr_t)region - SPARE + 1, region), "too little memory"));
    boot.image_most = UINTPTR_MAX;
    file.programs[1].address = (uintptr_t)alone + (1UL << 40);
    CHECK(!check());
    CHECK(says(start(TEXT + 5 * PAGE_SIZE, region), "not enough memory"));
    CHECK(!handed && !*region->command_line);
    free(region);
}

static void an_image_is_loaded_where_it_says(void) {
    struct handover *region = calloc(1, sizeof(*region));
    make();
    CHECK(!check() && !start(TEXT + 5 * PAGE_SIZE, region));
    CHECK(handed == region && strcmp(handed->command_line, "--a") == 0);
    CHECK(loaded.count == 2 && loaded.entry == TEXT + 8);
    CHECK(loaded.parts[0].to == TEXT && loaded.parts[0].bytes == 100 &&
          loaded.parts[0].zeroed == 0);
    CHECK(loaded.parts[0].from == (uintptr_t)alone + PLACE(text));
    CHECK(loaded.parts[1].to == TEXT + PAGE_SIZE && loaded.parts[1].bytes == 60);
    CHECK(loaded.parts[1].zeroed == 4940);
    free(region);
}

int main(void) {
    RUN(an_image_is_accepted);
    RUN(a_part_of_one_is_refused);
    RUN(other_files_are_refused);
    RUN(an_image_of_another_kind_is_refused);
    RUN(parts_are_in_order_and_in_their_place);
    RUN(notes_are_read_within_their_bounds);
    RUN(any_bytes_are_read_within_their_bounds);
    RUN(an_image_needs_room);
    RUN(an_image_is_loaded_where_it_says);
    free(alone);
    return VERDICT;
}
