#include "rehearse.h"
#include "../embedded.h"
#include "../engine.h"
#include "../engine_memory.h"
#include "../packets.h"
#include "poll.h"
#include "socket.h"
#include "stream.h"
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#define PAGE 4096
#define PAGES 65536
#define TURNS 4
#define FILE_SIZE ((size_t)(embedded_program_end - embedded_program))

/* Every block has pages of its own: the first write to one is seen. */
static char *memory;
static size_t pages, blocks, used;
static uint32_t block_of[PAGES];
static bool *written;

static size_t usable(const void *block) {
    return *(const size_t *)((const char *)block - EARLY_LEAD);
}

static void *take(JSMallocState *state, size_t size) {
    size_t whole = (size + EARLY_LEAD + 15) & ~(size_t)15;
    size_t count = (EARLY_LEAD + whole + PAGE - 1) / PAGE;
    char *block = memory + pages * PAGE + 2 * EARLY_LEAD;
    (void)state;
    if (count > PAGES - pages)
        return NULL;
    for (size_t i = 0; i < count; i++)
        block_of[pages++] = blocks;
    blocks++;
    used += whole;
    /* As large as in prepared.c, where as many are taken then. */
    *(size_t *)(block - EARLY_LEAD) = whole - EARLY_LEAD;
    return block;
}

static void give(JSMallocState *state, void *block) {
    (void)state;
    if (block)
        used -= usable(block) + EARLY_LEAD;
}

static void *change(JSMallocState *state, void *block, size_t size) {
    size_t old = block ? usable(block) : 0;
    void *moved = NULL;
    if (size && size <= old)
        return block;
    if (size && !(moved = take(state, size)))
        return NULL;
    if (size && block)
        memcpy(moved, block, old);
    give(state, block);
    return moved;
}

static void see(int signal, siginfo_t *about, void *context) {
    size_t page = (size_t)((char *)about->si_addr - memory) / PAGE;
    (void)signal, (void)context;
    if (page >= pages || mprotect(memory + page * PAGE, PAGE, PROT_READ | PROT_WRITE) != 0)
        _exit(1);
    written[block_of[page]] = true;
}

static bool watch(void) {
    struct sigaction action = {.sa_sigaction = see, .sa_flags = SA_SIGINFO};
    return sigaction(SIGSEGV, &action, NULL) == 0 && mprotect(memory, pages * PAGE, PROT_READ) == 0;
}

/* The far end of a new link; negative: there is none. */
static int connect_to(int link) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0 ||
        !socket_link(link, ends[0]))
        return -1;
    link_connected(link);
    return ends[1];
}

/* One client comes and goes, another one asks. */
static bool serve(void) {
    const struct header request = {.type = XS_READ, .length = 2};
    struct header reply;
    int first = connect_to(0), second = connect_to(1);
    if (first < 0 || second < 0 || close(first) != 0 ||
        write(second, &request, sizeof(request)) < 0 || write(second, "/", 2) < 0)
        return false;
    for (int i = 0; i < TURNS; i++) {
        engine_turn(link_events(engine.events, ENGINE_EVENTS));
        link_flush();
        poll_wait(0);
    }
    return read(second, &reply, sizeof(reply)) == sizeof(reply) && reply.type == XS_READ;
}

static bool play(void) {
    static const JSMallocFunctions functions = {take, give, change, usable};
    struct prepared program = {NULL};
    if (engine_prepare(&program, embedded_program, FILE_SIZE, &functions))
        return false;
    program.memory = memory;
    program.size = pages * PAGE;
    program.used = used;
    static char *none[] = {NULL};
    const struct platform_config config = {
        .priv_port = -1, .own_port = -1, .args = none, .strict = true, .prepared = &program};
    packets_start(PAGE);
    if (!poll_start())
        return false;
    stream_start();
    return watch() && !engine_start(embedded_program, FILE_SIZE, &config) && serve();
}

const bool *rehearse(size_t *count) {
    int status;
    *count = PAGES;
    memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    written = mmap(NULL, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || written == MAP_FAILED)
        return NULL;
    /* Nothing of it is left here. */
    pid_t child = fork();
    if (child == 0)
        _exit(play() ? 0 : 1);
    bool good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    return good ? written : NULL;
}
