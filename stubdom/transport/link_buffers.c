#include "link_internal.h"
#include <stdlib.h>
#include <string.h>

struct pool link_in_pool HOT_DATA, link_out_pool HOT_DATA;
static size_t held; /* bytes of all buffers, spare ones included */
const size_t *const link_all_buffers = &held;
bool link_memory_scarce;
bool (*link_memory_is_scarce)(void);

struct buffer *link_buffer_new(size_t size) {
    struct buffer *buffer = malloc(sizeof(*buffer) + size + LINK_SLACK);
    if (buffer) {
        buffer->size = size;
        held += size;
    }
    return buffer;
}

COLD void link_buffer_drop(struct buffer *buffer) {
    held -= buffer->size;
    free(buffer);
}

void link_drop_buffers(struct link *link) {
    if (link->in)
        pool_give(&link_in_pool, IN_SIZE, &link->in);
    if (link->out)
        pool_give(&link_out_pool, OUT_SIZE, &link->out);
    link->in_start = link->in_end = 0;
    link->out_start = link->out_end = link->out_safe = link->out_begun = 0;
    link->endpoint.staged = link->endpoint.committed = 0;
    link->refused = link->unheard = false;
}

void link_held(int number, size_t *in, size_t *out) {
    struct link *link = get(number);
    *in = link ? link->in_end - link->in_start : 0;
    *out = link ? link->endpoint.staged + link->out_end - link->out_start : 0;
}

size_t link_buffers(int number) {
    struct link *link = get(number);
    return link ? (link->in ? link->in->size : 0) + (link->out ? link->out->size : 0) : 0;
}

/* Moves the contents of a buffer to a new one of their size. False: the buffer has that size, or no
 * memory. */
static bool shrink(struct buffer **slot, size_t start, size_t length) {
    struct buffer *small = length < (*slot)->size ? link_buffer_new(length) : NULL;
    if (!small)
        return false;
    memcpy(small->bytes, (*slot)->bytes + start, length);
    link_buffer_drop(*slot);
    *slot = small;
    return true;
}

static void shrink_in(struct link *link) {
    size_t length = link->in_end - link->in_start;
    if (length == 0) {
        pool_give(&link_in_pool, IN_SIZE, &link->in);
        link->in_start = link->in_end = 0;
        return;
    }
    if (!shrink(&link->in, link->in_start, length))
        return;
    link->in_start = 0;
    link->in_end = length;
}

static void shrink_out(struct link *link) {
    size_t length = link->out_end - link->out_start;
    if (!shrink(&link->out, link->out_start, length))
        return;
    link->out_safe -= link->out_start;
    link->out_start = 0;
    link->out_end = length;
}

static void drop_spare(struct pool *pool) {
    while (pool->spare) {
        struct buffer *buffer = pool->spare;
        pool->spare = buffer->next;
        pool->spares--;
        link_buffer_drop(buffer);
    }
}

void link_shrink(void) {
    drop_spare(&link_in_pool);
    drop_spare(&link_out_pool);
    for (int i = 0; i < link_count; i++) {
        struct link *link = links[i];
        if (link->state != OPEN)
            continue;
        if (link->in)
            shrink_in(link);
        if (link->out)
            shrink_out(link);
    }
}
