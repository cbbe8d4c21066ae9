#include <mini-os/arch.h>
#include <mini-os/clock.h>
#include <xen/xen.h>

static uint64_t read_tsc(void) {
    uint32_t low, high;
    /* Not RDTSCP: some emulators do not have it. The fence keeps the read behind the version's. */
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static uint64_t scale(uint64_t ticks, uint32_t multiplier, int shift) {
    ticks = shift < 0 ? ticks >> -shift : ticks << shift;
    return (uint64_t)(((unsigned __int128)ticks * multiplier) >> 32);
}

uint64_t clock_monotonic_ns(void) {
    static uint64_t last;
    volatile struct vcpu_time_info *time = &shared_info->vcpu_info[0].time;
    uint32_t version;
    uint64_t now;

    /* An odd version, or one that moved, means that Xen was writing the record. */
    do {
        version = time->version;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        now = time->system_time +
              scale(read_tsc() - time->tsc_timestamp, time->tsc_to_system_mul, time->tsc_shift);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while ((version & 1) || version != time->version);
    if (now > last)
        last = now;
    return last;
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
