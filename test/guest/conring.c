/*
 * Prints what a domain wrote to its console ring, without xenstore: for the stub domain, which may
 * have died before it could serve anybody. The ring's page is grant reference 0, made out to Dom0
 * by the domain builder.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct map_grant_ref {
    uint32_t count;
    uint32_t pad;
    uint64_t index;
    uint32_t domid;
    uint32_t ref;
};
#define MAP_GRANT_REF _IOC(_IOC_NONE, 'G', 0, 24)

#define OUT_OFFSET 1024
#define OUT_SIZE 2048
#define OUT_PROD 3084

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: lab-conring DOMID\n");
        return 2;
    }
    int fd = open("/dev/xen/gntdev", O_RDWR);
    if (fd < 0) {
        perror("lab-conring: /dev/xen/gntdev");
        return 1;
    }
    struct map_grant_ref map = {.count = 1, .domid = (uint32_t)atoi(argv[1]), .ref = 0};
    if (ioctl(fd, MAP_GRANT_REF, &map) != 0) {
        perror("lab-conring: map");
        return 1;
    }
    volatile uint8_t *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.index);
    if (page == MAP_FAILED) {
        perror("lab-conring: mmap");
        return 1;
    }
    /* Everything that is still in the ring, read or not. */
    uint32_t prod = *(volatile uint32_t *)(page + OUT_PROD);
    for (uint32_t at = prod < OUT_SIZE ? 0 : prod - OUT_SIZE; at != prod; at++)
        putchar(page[OUT_OFFSET + at % OUT_SIZE]);
    return 0;
}
