#include "meter.h"
#include "wire.h"
#include <dirent.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REST_MICROSECONDS 4000
#define MOST_RESTS 2000

int daemon_pid;

double clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The OCaml runtime has threads of its own. */
static double cpu_of_all_threads(void) {
    char name[300];
    double sum = 0;
    snprintf(name, sizeof(name), "/proc/%d/task", daemon_pid);
    DIR *tasks = opendir(name);
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        unsigned long long on_cpu;
        snprintf(name, sizeof(name), "/proc/%d/task/%s/schedstat", daemon_pid, task->d_name);
        FILE *file = task->d_name[0] == '.' ? NULL : fopen(name, "r");
        if (!file)
            continue;
        if (fscanf(file, "%llu", &on_cpu) == 1)
            sum += (double)on_cpu / 1e9;
        fclose(file);
    }
    if (tasks)
        closedir(tasks);
    return sum;
}

double daemon_cpu(void) {
    double before = -1;
    if (!daemon_pid)
        return 0;
    /* What it does after its last reply counts too. */
    for (int i = 0; i < MOST_RESTS; i++) {
        double now = cpu_of_all_threads();
        if (now == before)
            break;
        before = now;
        usleep(REST_MICROSECONDS);
    }
    return before;
}

double daemon_clock(void) {
    static int counter = -1;
    uint64_t nanoseconds;
    if (counter < 0) {
        struct perf_event_attr task = {
            .type = PERF_TYPE_SOFTWARE, .size = sizeof(task), .config = PERF_COUNT_SW_TASK_CLOCK};
        /* Its CPU clocks are as old as the last tick, where it runs on another processor. */
        counter =
            (int)syscall(SYS_perf_event_open, &task, daemon_pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    }
    if (counter < 0 || read(counter, &nanoseconds, sizeof(nanoseconds)) != sizeof(nanoseconds))
        fail("perf_event_open");
    return (double)nanoseconds / 1e9;
}

void meter_hurry(void) {
    struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO, &first);
}

double daemon_memory(void) {
    char name[64];
    unsigned long size, resident = 0;
    if (!daemon_pid)
        return 0;
    snprintf(name, sizeof(name), "/proc/%d/statm", daemon_pid);
    FILE *file = fopen(name, "r");
    if (file) {
        if (fscanf(file, "%lu %lu", &size, &resident) != 2)
            resident = 0;
        fclose(file);
    }
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}
