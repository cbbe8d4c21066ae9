#include "link_internal.h"
#include <string.h>

bool link_export(int from, struct link_state *state) {
    for (int i = from; i < link_count; i++) {
        struct link *link = links[i];
        if (link->state == FREE)
            continue;
        *state = (struct link_state){.link = i, .open = link->state == OPEN};
        if (link->in) {
            state->in = link->in->bytes + link->in_start;
            state->in_length = link->in_end - link->in_start;
        }
        if (link->out) {
            state->out = link->out->bytes + link->out_start;
            state->out_length = link->out_end - link->out_start;
            state->out_begun = link->out_begun;
        }
        return true;
    }
    return false;
}

bool link_number(int number) {
    while (link_count <= number) {
        struct link *link = link_new();
        if (!link)
            return false;
        link->next_free = link_first_free;
        link_first_free = link->number;
    }
    /* Move it to the front of the free list. */
    for (int *at = &link_first_free; *at >= 0; at = &links[*at]->next_free) {
        if (*at != number)
            continue;
        *at = links[number]->next_free;
        links[number]->next_free = link_first_free;
        link_first_free = number;
        return true;
    }
    return false;
}

bool link_import(const struct link_state *state) {
    struct link *link = get(state->link);
    if (!link || state->in_length > IN_SIZE || state->out_length > OUT_MOST ||
        state->out_begun > state->out_length)
        return false;
    if (state->in_length) {
        link->in = pool_take(&link_in_pool, IN_SIZE);
        if (!link->in)
            return false;
        memcpy(link->in->bytes, state->in, state->in_length);
        link->in_end = state->in_length;
    }
    if (state->out_length) {
        link->out = link_buffer_new(state->out_length > OUT_SIZE ? OUT_MOST : OUT_SIZE);
        if (!link->out)
            return false;
        memcpy(link->out->bytes, state->out, state->out_length);
        link->out_end = link->out_safe = state->out_length;
        link->out_begun = state->out_begun;
        enter(DIRTY, link);
    }
    if (!state->open)
        link_break(link, LINK_COMM);
    enter(READY, link);
    return true;
}
