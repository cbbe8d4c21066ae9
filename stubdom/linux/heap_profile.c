#include "heap_profile.h"
#include "stubdom/embedded.h"
#include "stubdom/engine/engine.h"
#include "stubdom/engine/boot.h"
#include "stubdom/engine/turn.h"
#include "stubdom/engine/memory.h"
#include "stubdom/trace/packets.h"
#include "poll.h"
#include "socket.h"
#include "stream.h"
#include <signal.h>
#include <stdlib.h>
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
/* Bytes of a block in the hot arena. Larger blocks fill pages of their own anyway. */
#define HOT_MOST 1024
#define FILE_SIZE ((size_t)(embedded_program_end - embedded_program))

/* Every block has pages of its own, so a page fault shows the first write or access. */
static char *memory;
static size_t pages, blocks, used;
static uint32_t block_of[PAGES];
static bool *written;

/* The number of each block's first allocation: realloc() keeps it. */
static struct engine_memory_count first_of[PAGES];
static void *place_of[PAGES];
/* Blocks in the order in which requests touch them. */
static uint32_t touched[PAGES];
static size_t touched_count;
static bool touching;

static size_t usable(const void *block) {
    return *(const size_t *)((const char *)block - EARLY_LEAD);
}

static void *take_as(struct engine_memory_count first, size_t size) {
    size_t whole = (size + EARLY_LEAD + 15) & ~(size_t)15;
    size_t count = (EARLY_LEAD + whole + PAGE - 1) / PAGE;
    char *block = memory + pages * PAGE + 2 * EARLY_LEAD;
    if (count > PAGES - pages)
        return NULL;
    for (size_t i = 0; i < count; i++)
        block_of[pages++] = blocks;
    first_of[blocks] = first;
    place_of[blocks] = block;
    blocks++;
    used += whole;
    /* The size that heap_snapshot.c gives, so that its allocations are the same. */
    *(size_t *)(block - EARLY_LEAD) = whole - EARLY_LEAD;
    return block;
}

static void *take(JSMallocState *state, size_t size) {
    struct engine_memory_count first = engine_memory_count;
    (void)state;
    engine_memory_count.number++;
    return take_as(first, size);
}

static void give(JSMallocState *state, void *block) {
    (void)state;
    if (block)
        used -= usable(block) + EARLY_LEAD;
}

static void *change(JSMallocState *state, void *block, size_t size) {
    if (!block)
        return size ? take(state, size) : NULL;
    size_t old = usable(block);
    void *moved = NULL;
    if (size && size <= old)
        return block;
    size_t page = (size_t)((char *)block - memory) / PAGE;
    if (size && !(moved = take_as(first_of[block_of[page]], size)))
        return NULL;
    if (size)
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
    if (touching && (touched_count == 0 || touched[touched_count - 1] != block_of[page]))
        touched[touched_count++] = block_of[page];
}

static bool watch(int allowed) {
    struct sigaction action = {.sa_sigaction = see, .sa_flags = SA_SIGINFO};
    return sigaction(SIGSEGV, &action, NULL) == 0 && mprotect(memory, pages * PAGE, allowed) == 0;
}

/* Makes a link, and returns the client's end of its socket. Negative: a failure. */
static int connect_to(int link) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0 ||
        !socket_link(link, ends[0]))
        return -1;
    link_connected(link);
    return ends[1];
}

static void turns(void) {
    for (int i = 0; i < TURNS; i++) {
        engine_turn(link_events(engine.events, ENGINE_EVENTS));
        link_flush();
        poll_wait(0);
    }
}

static bool ask(int client, uint32_t type, const char *payload, uint32_t length) {
    struct {
        struct header header;
        char payload[64];
    } message = {.header = {.type = type, .length = length}}, reply;
    memcpy(message.payload, payload, length);
    if (write(client, &message, sizeof(message.header) + length) < 0)
        return false;
    turns();
    return read(client, &reply, sizeof(reply)) > 0 && reply.header.type == type;
}

/* Connects two clients; one leaves, and the other makes a request. Returns the other. */
static int serve(void) {
    int first = connect_to(0), second = connect_to(1);
    if (first < 0 || second < 0 || close(first) != 0 || !ask(second, XS_READ, "/", 2))
        return -1;
    return second;
}

static const JSMallocFunctions functions = {take, give, change, usable};

/* Loads and starts the program, and serves a request. Returns the client; negative: a failure. */
static int play(bool also_start) {
    struct heap_snapshot program = {NULL};
    if (engine_snapshot(&program, embedded_program, FILE_SIZE, &functions))
        return -1;
    if (also_start)
        engine_detach(program.context, &functions);
    program.memory = memory;
    program.size = pages * PAGE;
    program.used = used;
    static char *none[] = {NULL};
    const struct platform_config config = {
        .priv_port = -1, .own_port = -1, .args = none, .strict = true, .snapshot = &program};
    packets_start(PAGE);
    if (!poll_start())
        return -1;
    stream_start();
    if (!watch(PROT_READ) || engine_start(embedded_program, FILE_SIZE, &config))
        return -1;
    return serve();
}

static bool take_memory(void) {
    memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    written = mmap(NULL, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED && written != MAP_FAILED;
}

const bool *heap_profile(size_t *count) {
    int status;
    *count = PAGES;
    if (!take_memory())
        return NULL;
    /* In a child process, so that this process stays as it is. */
    pid_t child = fork();
    if (child == 0)
        _exit(play(false) < 0 ? 1 : 0);
    bool good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    return good ? written : NULL;
}

static int in_order(const void *one, const void *other) {
    const struct engine_memory_count *a = &first_of[*(const uint32_t *)one],
                                     *b = &first_of[*(const uint32_t *)other];
    if (a->section != b->section)
        return a->section < b->section ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static bool play_requests(void) {
    static const char value[] = "/near\0value";
    int client = take_memory() ? play(true) : -1;
    if (client < 0)
        return false;
    /* Two rounds first: they create the node and fill the caches. */
    for (int round = 0; round < 3; round++) {
        if (round == 2) {
            touching = true;
            if (!watch(PROT_NONE))
                return false;
        }
        if (!ask(client, XS_WRITE, value, sizeof(value) - 1) || !ask(client, XS_READ, value, 6))
            return false;
    }
    return true;
}

const char *heap_profile_requests(FILE *to) {
    static size_t offset_of[PAGES];
    size_t offset = 16, count = 0;
    if (!play_requests())
        return "requests cannot be profiled";
    for (size_t i = 0; i < touched_count; i++) {
        size_t size = usable(place_of[touched[i]]);
        if (first_of[touched[i]].section >= RUNNING || size > HOT_MOST)
            continue;
        offset_of[touched[i]] = offset;
        offset += (size + EARLY_LEAD + 15) & ~(size_t)15;
        touched[count++] = touched[i];
    }
    if (count == 0)
        return "the requests that were profiled touched nothing";
    qsort(touched, count, sizeof(*touched), in_order);
    fprintf(to, "#define HOT_ARENA %zu\nstatic const struct hot_block hot_blocks[] = {\n", offset);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "    {%d, %zu, %u, %zu},\n", first_of[touched[i]].section,
                offset_of[touched[i]], first_of[touched[i]].number, usable(place_of[touched[i]]));
    fprintf(to, "    {RUNNING, 0, 0, 0}};\n");
    return fflush(to) == 0 ? "" : "the heap profile cannot be written";
}
