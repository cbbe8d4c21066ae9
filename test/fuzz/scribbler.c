#include "scribbler.h"
#include "history.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Looks at the list of the next input before it sleeps: waking it costs more than an input. */
#define IDLE_LOOKS 2000

static const struct scribble *list;
static unsigned count;
static bool in_thread, on;
static unsigned next;     /* in the list */
static unsigned accesses; /* since the last one was written */
static int wanted;        /* odd: it is to write */
static int rounds;        /* made since the last begin */
static int writes;        /* it does */

#define UNWATCHED __attribute__((no_sanitize("address", "undefined", "coverage")))

/* What the sanitizers add would be between a write and the daemon's look. */
UNWATCHED static void scribble(const struct scribble *s) {
    volatile uint32_t *word = (volatile uint32_t *)s->at;
    if (s->width == 1)
        *s->at = s->adds ? *s->at + s->value : s->value;
    else
        *word = s->adds ? *word + s->value : s->value;
}

UNWATCHED static void before_access(const void *where) {
    if (!on || count == 0)
        return;
    const struct scribble *s = &list[next % count];
    if (((uintptr_t)where ^ (uintptr_t)s->at) / SCRIBBLED_PAGE != 0)
        return;
    if (accesses++ < s->after)
        return;
    accesses = 0;
    scribble(s);
    next++;
}

#define ACCESS(name, type)                                                                         \
    void __sanitizer_cov_##name(type *);                                                           \
    UNWATCHED void __sanitizer_cov_##name(type *where) {                                           \
        before_access(where);                                                                      \
    }
ACCESS(load1, uint8_t)
ACCESS(load2, uint16_t)
ACCESS(load4, uint32_t)
ACCESS(load8, uint64_t)
ACCESS(load16, __int128)
ACCESS(store1, uint8_t)
ACCESS(store2, uint16_t)
ACCESS(store4, uint32_t)
ACCESS(store8, uint64_t)
ACCESS(store16, __int128)

UNWATCHED static void *run(void *nothing) {
    for (int looks = 0;;) {
        int now = __atomic_load_n(&wanted, __ATOMIC_ACQUIRE);
        if (now & 1) {
            __atomic_store_n(&writes, 1, __ATOMIC_RELEASE);
            while (__atomic_load_n(&wanted, __ATOMIC_ACQUIRE) == now) {
                for (unsigned i = 0; i < count; i++)
                    scribble(&list[i]);
                __atomic_fetch_add(&rounds, 1, __ATOMIC_RELEASE);
            }
            __atomic_store_n(&writes, 0, __ATOMIC_RELEASE);
            looks = 0;
        } else if (++looks < IDLE_LOOKS) {
            __builtin_ia32_pause();
        } else {
            syscall(SYS_futex, &wanted, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
            looks = 0;
        }
    }
    return nothing;
}

static void wait_for(int *value, int until) {
    for (int looks = 0; __atomic_load_n(value, __ATOMIC_ACQUIRE) < until; looks++)
        if (looks > 100)
            sched_yield();
}

void scribbler_begin(const struct scribble *scribbles, unsigned n, bool with_thread) {
    static pthread_t thread;
    static int started;
    list = scribbles;
    count = n;
    next = accesses = 0;
    in_thread = with_thread;
    on = !with_thread;
    if (on)
        return;
    if (!started && pthread_create(&thread, NULL, run, NULL) != 0)
        fail("there is no second thread");
    started = 1;
    rounds = 0;
    __atomic_add_fetch(&wanted, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &wanted, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    wait_for(&rounds, 1);
}

void scribbler_end(void) {
    on = false;
    if (!in_thread)
        return;
    __atomic_add_fetch(&wanted, 1, __ATOMIC_RELEASE);
    for (int looks = 0; __atomic_load_n(&writes, __ATOMIC_ACQUIRE); looks++)
        if (looks > 100)
            sched_yield();
}
