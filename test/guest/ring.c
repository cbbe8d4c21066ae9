/*
 * Prints the indexes and the state of a guest's xenstore ring, mapped by Dom0's right to map any
 * page: lab-ring DOMID RING-REF
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

struct map_foreign {
    uint32_t count;
    uint16_t domid;
    uint64_t address;
    const uint64_t *frames;
    int *errors;
};
#define MAP_FOREIGN _IOC(_IOC_NONE, 'P', 4, sizeof(struct map_foreign))

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int offset;
    } fields[] = {{"req_cons", 2048}, {"req_prod", 2052},   {"rsp_cons", 2056}, {"rsp_prod", 2060},
                  {"features", 2064}, {"connection", 2068}, {"error", 2072}};
    if (argc != 3) {
        fprintf(stderr, "usage: lab-ring DOMID RING-REF\n");
        return 2;
    }
    int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        perror("lab-ring: /dev/xen/privcmd");
        return 1;
    }
    volatile uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint64_t frame = strtoull(argv[2], NULL, 10);
    int error = 0;
    struct map_foreign map = {1, (uint16_t)atoi(argv[1]), (uintptr_t)page, &frame, &error};
    if (page == MAP_FAILED || ioctl(fd, MAP_FOREIGN, &map) != 0 || error != 0) {
        perror("lab-ring: map");
        return 1;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        printf("%s %u\n", fields[i].name, *(volatile uint32_t *)(page + fields[i].offset));
    return 0;
}
