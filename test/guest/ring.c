/*
 * Prints the indexes and the state of a xenstore ring.
 *   lab-ring DOMID RING-REF   a guest's, mapped by Dom0's right to map any page
 *   lab-ring own              Dom0's own, as its kernel offers the page to a store
 *   lab-ring mark             the same; the page gets a mark by which the lab finds it from outside
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE 4096
/* Behind everything that the protocol has in the page. */
#define MARK (PAGE - 16)

struct map_foreign {
    uint32_t count;
    uint16_t domid;
    uint64_t address;
    const uint64_t *frames;
    int *errors;
};
#define MAP_FOREIGN _IOC(_IOC_NONE, 'P', 4, sizeof(struct map_foreign))

static volatile uint8_t *map(const char *device, int *fd) {
    void *page = MAP_FAILED;
    *fd = open(device, O_RDWR | O_CLOEXEC);
    if (*fd >= 0)
        page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (page == MAP_FAILED) {
        fprintf(stderr, "lab-ring: ");
        perror(device);
        exit(1);
    }
    return page;
}

static volatile uint8_t *map_guest(uint16_t domid, uint64_t frame) {
    int fd, error = 0;
    volatile uint8_t *page = map("/dev/xen/privcmd", &fd);
    struct map_foreign foreign = {1, domid, (uintptr_t)page, &frame, &error};
    if (ioctl(fd, MAP_FOREIGN, &foreign) != 0 || error != 0) {
        perror("lab-ring: map");
        exit(1);
    }
    return page;
}

/* Only here are these bytes put together: the program's own pages do not have them. */
static void mark(volatile uint8_t *page) {
    for (int i = 0; i < 16; i++)
        page[MARK + i] = 0x80 | "xenstore of dom0"[i];
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int offset;
    } fields[] = {{"req_cons", 2048}, {"req_prod", 2052},   {"rsp_cons", 2056}, {"rsp_prod", 2060},
                  {"features", 2064}, {"connection", 2068}, {"error", 2072}};
    volatile uint8_t *page;
    if (argc == 2 && (!strcmp(argv[1], "own") || !strcmp(argv[1], "mark"))) {
        int fd;
        page = map("/dev/xen/xenbus_backend", &fd);
        if (argv[1][0] == 'm')
            mark(page);
    } else if (argc == 3) {
        page = map_guest(atoi(argv[1]), strtoull(argv[2], NULL, 10));
    } else {
        fprintf(stderr, "usage: lab-ring own | mark | DOMID RING-REF\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        printf("%s %u\n", fields[i].name, *(volatile uint32_t *)(page + fields[i].offset));
    return 0;
}
