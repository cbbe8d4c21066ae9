#include "image.h"
#include "own_client.h"
#include "own_domid.h"
#include "unpack.h"
#include "stubdom/state/outages.h"
#include "stubdom/state/update.h"
#include "stubdom/transport/link.h"
#include "stubdom/transport/ring_link.h"
#include "stubdom/xen/9pfs/ninep_front.h"
#include <mini-os/image.h>
#include <mini-os/memory.h>
#include <mini-os/region.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Changes with the structures below, with the state's own records (src/migrate/state.ts), and with
 * the numbers of src/host.ts that are kept in it. */
#define PROGRAM_VERSION 1
/* Bytes of an unpacked image, at most; real ones have a tenth of that. */
#define IMAGE_MOST (16U << 20)

__attribute__((section(".note.Xen"), used, aligned(4))) static const struct image_note note =
    IMAGE_NOTE(PROGRAM_VERSION);

struct lead {
    int32_t own_domid, priv_domid, priv_port, own_port, domain_port;
    uint32_t links;
    uint64_t links_size, state_size; /* bytes that follow, in this order */
    struct own_client_state client;
    struct ninep_front_state share;
    struct outages outages;
};

struct saved_link {
    int32_t number, domid;
    uint32_t port, remote, handle, open;
    uint64_t page;          /* its address */
    uint32_t in, out;       /* bytes that follow */
    uint32_t begun, unused; /* `begun` bytes of `out` belong to a message begun */
};

static struct lead present;
static char **present_args;

/* --- the image that goes --- */

void image_set(const struct platform_config *config, int domain_port) {
    present = (struct lead){.own_domid = config->own_domid,
                            .priv_domid = config->priv_domid,
                            .priv_port = config->priv_port,
                            .own_port = config->own_port,
                            .domain_port = domain_port};
    present_args = config->args;
}

/* Writes the links to `to`, or only counts their bytes. */
static size_t put_links(char *to, uint32_t *count) {
    struct link_state state;
    size_t at = 0;
    *count = 0;
    for (int from = 0; link_export(from, &state); from = state.link + 1) {
        const struct endpoint *endpoint = link_endpoint(state.link);
        struct saved_link saved = {.number = state.link,
                                   .domid = endpoint->domid,
                                   .port = endpoint->port,
                                   .remote = endpoint->remote,
                                   .handle = endpoint->handle,
                                   .open = state.open,
                                   .page = (uintptr_t)endpoint->page,
                                   .in = (uint32_t)state.in_length,
                                   .out = (uint32_t)state.out_length,
                                   .begun = (uint32_t)state.out_begun};
        if (to) {
            memcpy(to + at, &saved, sizeof(saved));
            memcpy(to + at + sizeof(saved), state.in, saved.in);
            memcpy(to + at + sizeof(saved) + saved.in, state.out, saved.out);
        }
        at += sizeof(saved) + saved.in + saved.out;
        (*count)++;
    }
    return at;
}

/* The options of the next image, as one line: no option has a space. False: they are too long. */
static bool put_words(char *line, size_t room, char **args) {
    size_t at = (size_t)snprintf(line, room, "--event=%d --priv-domid=%d", present.priv_port,
                                 present.priv_domid);
    for (; *args; args++) {
        size_t length = strlen(*args);
        if (at + 1 + length >= room)
            return false;
        line[at++] = ' ';
        memcpy(line + at, *args, length + 1);
        at += length;
    }
    return true;
}

static const char *unpack_image(uint8_t **file, size_t *size) {
    size_t length = unpack_size(*file, *size);
    uint8_t *bytes = length <= IMAGE_MOST ? malloc(length) : NULL;
    if (!bytes)
        return "Allocation failure.";
    if (!unpack(*file, *size, bytes)) {
        free(bytes);
        return "The image cannot be unpacked.";
    }
    free(*file);
    *file = bytes;
    *size = length;
    return NULL;
}

const char *platform_image(uint8_t **file, size_t *size) {
    const char *wrong = unpack_is_packed(*file, *size) ? unpack_image(file, size) : NULL;
    return wrong ? wrong : image_check(*file, *size, PROGRAM_VERSION);
}

/* Returns only on failure. */
static const char *leave(const uint8_t *file, const struct lead *lead, const char *words,
                         bool back) {
    uint32_t links;
    struct handover *region = region_new(sizeof(*lead) + lead->links_size + lead->state_size,
                                         back ? image_back_size() : 0);
    if (!region)
        return memory_has_grown()
                   ? "The memory has grown since the start: another image needs a new start."
                   : "Allocation failure.";
    memcpy(region->program, lead, sizeof(*lead));
    put_links(region->program + sizeof(*lead), &links);
    update_leave(region->program + sizeof(*lead) + lead->links_size);
    const char *wrong = image_start(file, region, words, back);
    region_drop(region);
    return wrong;
}

const char *platform_replace(const char *path, char **args) {
    char words[sizeof(boot.command_line)];
    struct lead lead = present;
    size_t size;
    const uint8_t *file = update_program(&size);
    (void)path;
    if (!put_words(words, sizeof(words), args ? args : present_args))
        return "The options are too long.";
    lead.links_size = put_links(NULL, &lead.links);
    lead.state_size = update_leave(NULL);
    lead.outages = outages;
    own_client_leave(&lead.client);
    if (!ninep_front_leave(&lead.share))
        return "The 9pfs share is busy: try again.";
    /* With a copy of this image, if there is memory for that. */
    leave(file, &lead, words, true);
    return leave(file, &lead, words, false);
}

const char *platform_replacement(const char *path, unsigned *foreign) {
    (void)path, (void)foreign;
    return "There are no executables here.";
}

/* --- the image that comes --- */

bool image_is_next(void) {
    return handover != NULL;
}

static bool take_link(const struct saved_link *saved, const char *bytes) {
    struct endpoint endpoint = {.domid = saved->domid,
                                .page = (void *)(uintptr_t)saved->page,
                                .port = saved->port,
                                .remote = saved->remote,
                                .handle = saved->handle};
    struct link_state state = {.link = saved->number,
                               .open = saved->open,
                               .in = bytes,
                               .out = bytes + saved->in,
                               .in_length = saved->in,
                               .out_length = saved->out,
                               .out_begun = saved->begun};
    return link_number(saved->number) && ring_link_continue(&endpoint) == saved->number &&
           link_import(&state);
}

static const char *take_links(const char *at, const struct lead *lead) {
    const char *end = at + lead->links_size;
    for (uint32_t n = 0; n < lead->links; n++) {
        struct saved_link saved;
        if ((size_t)(end - at) < sizeof(saved))
            return "the links end in the middle";
        memcpy(&saved, at, sizeof(saved));
        at += sizeof(saved);
        if ((size_t)(end - at) < (size_t)saved.in + saved.out)
            return "the links end in the middle";
        if (!take_link(&saved, at))
            return "no memory for the links";
        at += saved.in + saved.out;
    }
    return NULL;
}

static const struct lead *given(void) {
    return (const struct lead *)handover->program;
}

int image_continue(struct platform_config *config, const char **wrong) {
    const struct lead *lead = given();
    if (handover->version != HANDOVER_VERSION ||
        handover->size != sizeof(*handover) + sizeof(*lead) + lead->links_size + lead->state_size) {
        *wrong = "what the image before has left is of another kind";
        return -1;
    }
    config->origin = ORIGIN_PREDECESSOR;
    config->own_domid = own_domid = lead->own_domid;
    config->own_port = lead->own_port;
    config->first = false;
    /* A copy: the region goes. */
    static char failed[sizeof(handover->failed)];
    memcpy(failed, handover->failed, sizeof(failed));
    config->failed_update = failed;
    outages = lead->outages;
    if (*failed)
        outage_forget();
    const char *links = handover->program + sizeof(*lead);
    *wrong = take_links(links, lead);
    update_continue(links + lead->links_size, lead->state_size);
    return lead->domain_port;
}

void image_says(const char *line, size_t length) {
    if (!handover || !handover->back)
        return;
    if (length > sizeof(handover->failed) - 1)
        length = sizeof(handover->failed) - 1;
    memcpy(handover->failed, line, length);
    handover->failed[length] = '\0';
}

void image_continued(void) {
    own_client_continue(&given()->client);
    struct ninep_front_state share = given()->share;
    update_continue(NULL, 0);
    region_done();
    ninep_front_continue(&share);
    link_look_at_all();
}

/* --- from and to C xenstored: only in Dom0 --- */

int platform_adopt(int domid, int handle) {
    (void)domid, (void)handle;
    return -1;
}

void platform_descriptors(int *listener, int *device) {
    *listener = *device = -1;
}
