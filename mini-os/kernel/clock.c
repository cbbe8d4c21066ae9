#include <mini-os/arch.h>
#include <mini-os/clock.h>
#include <mini-os/compiler.h>
#include <mini-os/hypercall.h>
#include <stdbool.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

/* Xen writes it whenever the vcpu starts or stops to run, so it does not change while it is read.
 * It must not cross a page. */
static struct vcpu_runstate_info runstate __attribute__((aligned(64))) HOT_DATA;
static uint64_t woken_at HOT_DATA; /* runstate.state_entry_time of the last wake-up */
static bool woken HOT_DATA;        /* clock_recent_ns() has not returned it yet */
static uint64_t last HOT_DATA;     /* the last time that was returned */

static uint64_t read_tsc(void) {
    uint32_t low, high;
    /* Not RDTSCP, which some emulators lack. The fence keeps the order of reads. */
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static uint64_t scale(uint64_t ticks, uint32_t multiplier, int shift) {
    ticks = shift < 0 ? ticks >> -shift : ticks << shift;
    return (uint64_t)(((unsigned __int128)ticks * multiplier) >> 32);
}

static uint64_t not_backwards(uint64_t now) {
    if (now > last)
        last = now;
    return last;
}

static void keep_runstate_at(uint64_t address) {
    struct vcpu_register_runstate_memory_area area = {.addr.p = address};
    /* If Xen refuses, the record stays zero, and clock_recent_ns() reads the counter. */
    hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_register_runstate_phys_area, 0, (uint64_t)&area);
}

void clock_init(void) {
    keep_runstate_at((arch_frame(&runstate) << PAGE_SHIFT) + (uintptr_t)&runstate % PAGE_SIZE);
}

/* Xen would go on to write the record into the memory of the next image. */
void clock_leave(void) {
    keep_runstate_at(~0UL);
}

void clock_woken(void) {
    uint64_t since = runstate.state_entry_time & ~XEN_RUNSTATE_UPDATE;
    /* The time is an old one if Xen did not deschedule the vcpu. */
    woken = since != woken_at;
    woken_at = since;
}

uint64_t clock_recent_ns(void) {
    if (!woken)
        return clock_monotonic_ns();
    woken = false;
    return not_backwards(woken_at);
}

uint64_t clock_monotonic_ns(void) {
    volatile struct vcpu_time_info *time = &shared_info->vcpu_info[0].time;
    uint32_t version;
    uint64_t now;

    /* If the version is odd or has changed, Xen was writing the record. */
    do {
        version = time->version;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        now = time->system_time +
              scale(read_tsc() - time->tsc_timestamp, time->tsc_to_system_mul, time->tsc_shift);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while ((version & 1) || version != time->version);
    return not_backwards(now);
}

uint64_t clock_wall_ns(void) {
    volatile struct shared_info *info = shared_info;
    uint32_t version;
    uint64_t base;

    do {
        version = info->wc_version;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        base = (info->wc_sec | (uint64_t)info->wc_sec_hi << 32) * 1000000000UL + info->wc_nsec;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while ((version & 1) || version != info->wc_version);
    return base + clock_monotonic_ns();
}
