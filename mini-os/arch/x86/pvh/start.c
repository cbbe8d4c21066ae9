/* The start of a PVH domain: hypercall page, memory map, traps, event vector. */
#include <mini-os/arch.h>
#include <mini-os/hypercall.h>
#include <mini-os/image.h>
#include <mini-os/memory.h>
#include <mini-os/panic.h>
#include <mini-os/region.h>
#include <string.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#define TRAPS 20
#define UPCALL_VECTOR 0xf0
#define VIA_VECTOR (2UL << 56)

#define CODE_SELECTOR 8
#define TASK_SELECTOR 24
#define PRESENT 0x001UL
#define WRITABLE 0x002UL
#define NO_EXECUTE (1UL << 63)

#define MEMORY_RAM 1
#define FOUR_GIB 0x100000000UL

extern void (*const trap_entries[TRAPS])(void);
extern uint64_t pvh_gdt[], pvh_low_tables[1024];
extern char __text_start[], __text_end[], __rodata_end[], __guard[], __image_end[];
void pvh_upcall(void);
void pvh_start(const struct hvm_start_info *info) __attribute__((noreturn));

typedef void (*image_starter)(const struct image_load *load, void *stack);
extern char start_image[], start_image_end[];

struct gate {
    uint16_t offset_low, selector;
    uint8_t stack, type;
    uint16_t offset_middle;
    uint32_t offset_high, zero;
};

static struct gate gates[256] __attribute__((aligned(16)));
static uint32_t task_state[26] __attribute__((aligned(128)));
static char trap_stack[8192] __attribute__((aligned(16)));

static void set_gate(unsigned vector, void (*entry)(void), unsigned stack) {
    uint64_t address = (uint64_t)entry;
    gates[vector] = (struct gate){
        .offset_low = address,
        .selector = CODE_SELECTOR,
        .stack = stack,
        .type = 0x8e, /* present, interrupt gate */
        .offset_middle = address >> 16,
        .offset_high = address >> 32,
    };
}

static void set_traps(void) {
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof(gates) - 1, (uint64_t)gates};
    uint64_t task = (uint64_t)task_state, top = (uint64_t)(trap_stack + sizeof(trap_stack));

    /* Traps have a stack of their own, because the cause may be an overflow of the other one. */
    memcpy(&task_state[9], &top, sizeof(top));
    task_state[25] = sizeof(task_state) << 16;
    pvh_gdt[3] = (sizeof(task_state) - 1) | (task & 0xffffff) << 16 | 0x89UL << 40 |
                 (task >> 24 & 0xff) << 56;
    pvh_gdt[4] = task >> 32;
    for (unsigned vector = 0; vector < TRAPS; vector++)
        set_gate(vector, trap_entries[vector], 1);
    set_gate(UPCALL_VECTOR, pvh_upcall, 0);
    __asm__ volatile("lidt %0; ltr %w1" ::"m"(pointer), "r"(TASK_SELECTOR) : "memory");
}

static void find_hypercalls(void) {
    for (uint32_t base = 0x40000000; base < 0x40010000; base += 0x100) {
        uint32_t a = base, b, c = 0, d;
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        if (b != 0x566e6558 || c != 0x65584d4d || d != 0x4d4d566e)
            continue;
        a = base + 2;
        c = 0;
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        uint64_t page = (uint64_t)hypercall_page;
        __asm__ volatile("wrmsr" ::"c"(b), "a"((uint32_t)page), "d"((uint32_t)(page >> 32))
                         : "memory");
        return;
    }
    for (;;) /* Not on Xen: there is no way to report it. */
        __asm__ volatile("cli; hlt");
}

static uint64_t parameter(unsigned index) {
    struct xen_hvm_param argument = {.domid = DOMID_SELF, .index = index};
    if (hypercall_op(__HYPERVISOR_hvm_op, HVMOP_get_param, &argument))
        return 0;
    return argument.value;
}

/* Not into the image, because the page stays when another image comes. */
static void map_shared_info(void) {
    void *page = page_take();
    struct xen_add_to_physmap argument = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = (uint64_t)page >> PAGE_SHIFT,
    };
    long error = page ? hypercall_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &argument) : -1;
    if (error)
        panic("mapping the shared info page failed: %ld", error);
    shared_info = page;
}

static void set_event_vector(void) {
    struct xen_hvm_param callback = {
        .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ, .value = VIA_VECTOR | UPCALL_VECTOR};
    long error = hypercall_op(__HYPERVISOR_hvm_op, HVMOP_set_param, &callback);
    if (error)
        panic("setting the event vector failed: %ld", error);
}

/* The end of the RAM that the image lies in. */
static uintptr_t memory_end(void) {
    static struct {
        uint64_t address, size;
        uint32_t type;
    } __attribute__((packed)) map[32];
    struct xen_memory_map argument = {.nr_entries = 32};
    uintptr_t image = (uintptr_t)__image_end;

    set_xen_guest_handle(argument.buffer, map);
    long error = hypercall_op(__HYPERVISOR_memory_op, XENMEM_memory_map, &argument);
    if (error)
        panic("asking for the memory map failed: %ld", error);
    for (unsigned i = 0; i < argument.nr_entries; i++) {
        uint64_t end = map[i].address + map[i].size;
        if (map[i].type == MEMORY_RAM && map[i].address < image && image < end)
            return end < FOUR_GIB ? end : FOUR_GIB;
    }
    panic("the memory map names no RAM at the image");
}

/*
 * The memory map includes RAM that is not populated yet, if the domain may grow by ballooning. The
 * reservation counts the populated pages.
 */
static uintptr_t populated_end(uintptr_t map_end) {
    domid_t self = DOMID_SELF;
    long pages = hypercall_op(__HYPERVISOR_memory_op, XENMEM_current_reservation, &self);
    /* Up to 16 of them are special pages at high addresses, or replaced by the shared info page. */
    uintptr_t end = pages > 16 ? (uintptr_t)(pages - 16) << PAGE_SHIFT : 0;
    return end < map_end ? end : map_end;
}

static void protect(void *start, void *end, uint64_t set, uint64_t clear) {
    for (uintptr_t page = (uintptr_t)start >> PAGE_SHIFT; page < (uintptr_t)end >> PAGE_SHIFT;
         page++)
        pvh_low_tables[page] = (pvh_low_tables[page] & ~clear) | set;
}

static void protect_image(void) {
    protect(0, __text_start, 0, PRESENT);
    protect(__text_start, __text_end, 0, WRITABLE);
    protect(__text_end, __rodata_end, NO_EXECUTE, WRITABLE);
    protect(__rodata_end, pvh_low_tables + 1024, NO_EXECUTE, 0);
    protect(__guard, __guard + PAGE_SIZE, 0, PRESENT);
    uint64_t table;
    __asm__ volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r"(table)::"memory");
}

static struct handover *handover_of(const struct hvm_start_info *info) {
    if (!info->nr_modules)
        return NULL;
    const struct hvm_modlist_entry *module = (const struct hvm_modlist_entry *)info->modlist_paddr;
    return region_at(module->paddr, module->size);
}

void pvh_start(const struct hvm_start_info *info) {
    image_remember();
    boot.kind = "PVH";
    /* The command line lies behind the image, where the heap will be. */
    if (info->cmdline_paddr)
        strncpy(boot.command_line, (const char *)info->cmdline_paddr,
                sizeof(boot.command_line) - 1);
    handover = handover_of(info);
    find_hypercalls();
    set_traps();
    boot.heap_start = (uintptr_t)__image_end;
    boot.image_most = FOUR_GIB;
    if (handover) {
        boot.heap_end = (uintptr_t)handover;
        shared_info = (struct shared_info *)handover->shared_info;
    } else {
        boot.heap_end = populated_end(memory_end());
        map_shared_info();
    }
    set_event_vector();
    boot.store_page = (void *)(parameter(HVM_PARAM_STORE_PFN) << PAGE_SHIFT);
    boot.store_port = handover ? handover->store_port : parameter(HVM_PARAM_STORE_EVTCHN);
    boot.console_page = (void *)(parameter(HVM_PARAM_CONSOLE_PFN) << PAGE_SHIFT);
    boot.console_port = parameter(HVM_PARAM_CONSOLE_EVTCHN);
    protect_image();
    kernel_start();
}

void *arch_map_grant_table(void) {
    void *page = page_take();
    struct xen_add_to_physmap argument = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .gpfn = (uint64_t)page >> PAGE_SHIFT,
    };
    if (!page || hypercall_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &argument))
        return NULL;
    return page;
}

uint64_t arch_frame(const void *page) {
    return (uintptr_t)page >> PAGE_SHIFT;
}

bool arch_populate(uintptr_t address, unsigned pages) {
    for (unsigned i = 0; i < pages; i++) {
        /* A page that an earlier, failed call has populated is simply populated again. */
        xen_pfn_t frame = (address >> PAGE_SHIFT) + i;
        struct xen_memory_reservation more = {.nr_extents = 1, .domid = DOMID_SELF};
        set_xen_guest_handle(more.extent_start, &frame);
        if (hypercall_op(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &more) != 1)
            return false;
    }
    return true;
}

bool arch_prepare_grant(uintptr_t address) {
    (void)address; /* entry.S maps the whole window */
    return true;
}

uintptr_t arch_fault_address(void) {
    uintptr_t address;
    __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    return address;
}

void arch_early_write(const char *text, size_t length) {
    /* Xen logs lines that a guest writes to port 0xe9, if guest_loglvl allows it. */
    for (size_t i = 0; i < length; i++)
        __asm__ volatile("outb %b0, %w1" ::"a"(text[i]), "Nd"(0xe9));
}

const uint32_t arch_entry_note = XEN_NOTE_PHYS32_ENTRY;

void arch_image_start(struct image_load *load, struct handover *region, uint64_t hypercalls,
                      char *scratch) {
    void *code = scratch;
    struct image_load *kept = (struct image_load *)(scratch + PAGE_SIZE);
    struct hvm_start_info *info = (struct hvm_start_info *)(kept + 1);
    struct hvm_modlist_entry *module = (struct hvm_modlist_entry *)(info + 1);

    (void)hypercalls; /* find_hypercalls() */
    memcpy(code, start_image, start_image_end - start_image);
    *module = (struct hvm_modlist_entry){.paddr = (uintptr_t)region, .size = region->size};
    *info = (struct hvm_start_info){.magic = XEN_HVM_START_MAGIC_VALUE,
                                    .version = 1,
                                    .nr_modules = 1,
                                    .modlist_paddr = (uintptr_t)module,
                                    .cmdline_paddr = (uintptr_t)region->command_line};
    load->argument = (uintptr_t)info;
    *kept = *load;
    ((image_starter)code)(kept, scratch + 3 * PAGE_SIZE);
    __builtin_unreachable();
}
