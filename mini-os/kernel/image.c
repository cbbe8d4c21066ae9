#include <mini-os/image.h>
#include <mini-os/clock.h>
#include <mini-os/memory.h>
#include <mini-os/region.h>
#include <string.h>

#define ELF_64_LITTLE "\177ELF\2\1\1"
#define EXECUTABLE 2
#define X86_64 62
#define LOADED 1
#define NOTES 4
/* Bytes that the heap of the next image must have more than this one uses now. */
#define SPARE (256 * 1024)

struct elf_header {
    char ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, programs, sections;
    uint32_t flags;
    uint16_t header_size, program_size, program_count, section_size, section_count, names;
};

struct elf_program {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, align;
};

struct elf_note {
    uint32_t name_size, size, type;
};

/* What image_check() has found. */
static struct image_load load;
static uint64_t image_end, hypercalls;

static void take_xen_note(const struct elf_note *note, const char *value) {
    uint64_t number = 0;
    if (note->size > sizeof(number))
        return;
    memcpy(&number, value, note->size);
    if (note->type == arch_entry_note)
        load.entry = number;
    if (note->type == XEN_NOTE_HYPERCALL_PAGE)
        hypercalls = number;
}

static bool take_own_note(const char *value, size_t size, uint32_t program_version) {
    uint32_t versions[2];
    if (size != sizeof(versions))
        return false;
    memcpy(versions, value, sizeof(versions));
    return versions[0] == HANDOVER_VERSION && versions[1] == program_version;
}

static const char *take_notes(const char *at, size_t left, uint32_t program_version) {
    bool fits = false;
    while (left >= sizeof(struct elf_note)) {
        struct elf_note note;
        memcpy(&note, at, sizeof(note));
        at += sizeof(note);
        left -= sizeof(note);
        if (note.name_size > left || note.size > left)
            return "The image's notes are broken.";
        size_t name = (note.name_size + 3UL) & -4UL, value = (note.size + 3UL) & -4UL;
        if (name + value > left)
            return "The image's notes are broken.";
        if (note.name_size == 4 && memcmp(at, "Xen", 4) == 0)
            take_xen_note(&note, at + name);
        if (note.name_size == sizeof(IMAGE_NOTE_NAME) && note.type == 1 &&
            memcmp(at, IMAGE_NOTE_NAME, sizeof(IMAGE_NOTE_NAME)) == 0)
            fits = take_own_note(at + name, note.size, program_version);
        at += name + value;
        left -= name + value;
    }
    if (!fits)
        return "The image hands over in another way than this one: it needs a new start.";
    return NULL;
}

static const char *take_part(const struct elf_program *p, const uint8_t *file) {
    if (load.count == IMAGE_PARTS - 1 || p->memory_size < p->file_size ||
        p->address < (load.count ? image_end : PAGE_SIZE) ||
        p->address + p->memory_size < p->address)
        return "The image's parts cannot be loaded.";
    load.parts[load.count++] = (struct image_part){.to = p->address,
                                                   .from = (uintptr_t)file + p->offset,
                                                   .bytes = p->file_size,
                                                   .zeroed = p->memory_size - p->file_size};
    image_end = p->address + p->memory_size;
    return NULL;
}

static bool is_inside(uint64_t offset, uint64_t length, size_t size) {
    return offset <= size && length <= size - offset;
}

const char *image_check(const uint8_t *file, size_t size, uint32_t program_version) {
    struct elf_header header;
    const char *wrong = NULL;
    bool has_notes = false;

    load = (struct image_load){0};
    image_end = hypercalls = 0;
    if (size < sizeof(header))
        return "The image is not whole.";
    memcpy(&header, file, sizeof(header));
    if (memcmp(header.ident, ELF_64_LITTLE, 7) != 0 || header.type != EXECUTABLE ||
        header.machine != X86_64 || header.program_size != sizeof(struct elf_program))
        return "The file is no image.";
    for (unsigned i = 0; i < header.program_count && !wrong; i++) {
        struct elf_program program;
        uint64_t at = header.programs + i * sizeof(program);
        if (!is_inside(at, sizeof(program), size))
            return "The image is not whole.";
        memcpy(&program, file + at, sizeof(program));
        if (!is_inside(program.offset, program.file_size, size))
            return "The image is not whole.";
        if (program.type == LOADED)
            wrong = take_part(&program, file);
        if (program.type == NOTES) {
            has_notes = true;
            wrong =
                take_notes((const char *)file + program.offset, program.file_size, program_version);
        }
    }
    if (wrong)
        return wrong;
    if (!has_notes || !load.count)
        return "The file is no image.";
    if (!load.entry)
        return "The image is of the other kind of domain, PV or PVH.";
    if (load.entry < load.parts[0].to || load.entry >= image_end ||
        (hypercalls && (hypercalls < load.parts[0].to || hypercalls + PAGE_SIZE > image_end)))
        return "The image's parts cannot be loaded.";
    if (image_end > boot.image_most)
        return "The image is too large for the place of this one: it needs a new start.";
    return NULL;
}

extern char __text_start[], __data_start[], __data_end[], __image_end[], _start[];

/* The initial data, as the image has it. */
static char first_data[PAGE_SIZE];

void image_remember(void) {
    memcpy(first_data, __data_start, __data_end - __data_start);
}

size_t image_back_size(void) {
    return PAGE_SIZE + (__data_start - __text_start) + sizeof(first_data);
}

/* Copies this image behind the region, with what loads it again. */
static void keep_back(struct handover *region) {
    struct image_load *back = (struct image_load *)region_more(region);
    char *text = region_more(region) + PAGE_SIZE, *data = text + (__data_start - __text_start);
    memcpy(text, __text_start, __data_start - __text_start);
    memcpy(data, first_data, sizeof(first_data));
    *back = (struct image_load){.entry = (uintptr_t)_start,
                                .count = 2,
                                .parts = {{.to = (uintptr_t)__text_start,
                                           .from = (uintptr_t)text,
                                           .bytes = __data_start - __text_start},
                                          {.to = (uintptr_t)__data_start,
                                           .from = (uintptr_t)data,
                                           .bytes = __data_end - __data_start,
                                           .zeroed = __image_end - __data_end}}};
    region->back = (uintptr_t)back;
}

void image_return(const char *why) {
    struct handover *region = handover;
    if (!region || !region->back)
        return;
    struct image_load *back = (struct image_load *)(uintptr_t)region->back;
    region->back = 0;
    if (!*region->failed)
        strncpy(region->failed, why, sizeof(region->failed) - 1);
    clock_leave();
    arch_image_start(back, region, 0, region_scratch(region));
}

const char *image_start(const uint8_t *file, struct handover *region, const char *command_line,
                        bool back) {
    uintptr_t begin = boot.heap_start > image_end ? boot.heap_start : image_end;
    uintptr_t used = memory_used_end() - boot.heap_start;
    if ((uintptr_t)file < image_end)
        return "There is not enough memory between the image and its file.";
    if (begin + used + SPARE > (uintptr_t)region)
        return "There is too little memory beside the state.";
    strncpy(region->command_line, command_line, sizeof(region->command_line) - 1);
    if (back)
        keep_back(region);
    clock_leave();
    arch_image_start(&load, region, hypercalls, region_scratch(region));
}
