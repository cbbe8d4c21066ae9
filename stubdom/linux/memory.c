#include "memory.h"
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Where version 2 of the control groups is mounted. */
#define GROUPS "/sys/fs/cgroup"

/* a - b, but not below 0. */
static size_t subtract(size_t a, size_t b) {
    return a > b ? a - b : 0;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Pages of address space and of resident memory (proc(5), statm). */
static void pages_in_use(size_t *space, size_t *resident) {
    unsigned long numbers[2] = {0, 0};
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu %lu", &numbers[0], &numbers[1]) != 2)
        numbers[0] = numbers[1] = 0;
    if (file)
        fclose(file);
    *space = numbers[0];
    *resident = numbers[1];
}

static size_t limit_in(const char *path) {
    unsigned long long limit;
    FILE *file = fopen(path, "re");
    /* "max" is not parsed: no limit. */
    bool is = file && fscanf(file, "%llu", &limit) == 1;
    if (file)
        fclose(file);
    return is && limit < SIZE_MAX ? limit : SIZE_MAX;
}

/* The smallest limit of the process's control group and the groups above it. */
static size_t limit_of_groups(void) {
    char line[1024], path[sizeof(GROUPS) + sizeof(line) + sizeof("/memory.max")];
    size_t limit = SIZE_MAX;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file)
        return limit;
    bool found = false;
    while (!found && fgets(line, sizeof(line), file))
        found = strncmp(line, "0::/", 4) == 0;
    fclose(file);
    if (!found)
        return limit;
    char *group = line + 3;
    group[strcspn(group, "\n")] = '\0';
    for (;;) {
        snprintf(path, sizeof(path), GROUPS "%s/memory.max", group);
        limit = smaller(limit, limit_in(path));
        char *slash = strrchr(group, '/');
        if (!slash)
            return limit;
        *slash = '\0';
    }
}

static size_t limit_of(int resource) {
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur
                                                                               : SIZE_MAX;
}

size_t memory_available(size_t taken) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), space, resident;
    pages_in_use(&space, &resident);
    /* Half of the machine; the rest is for other processes. */
    size_t there = (size_t)sysconf(_SC_PHYS_PAGES) / 2 * page;
    there = smaller(there, subtract(limit_of(RLIMIT_AS), space * page));
    there = smaller(there, subtract(limit_of(RLIMIT_DATA), resident * page));
    there = smaller(there, subtract(limit_of_groups(), resident * page));
    there = subtract(there, taken);
    /* Never 0, which would mean unlimited. */
    return there / 8 * 7 + 1;
}

void memory_give_back(size_t used) {
    /* Only from 1 MiB and a quarter on, because malloc_trim() walks over all free blocks. */
    static const size_t worth = 1 << 20, part = 4;
    static size_t most;
    if (used >= most)
        most = used;
    else if (most - used >= worth && most - used >= most / part) {
        malloc_trim(0);
        most = used;
    }
}
