#include "link_internal.h"
#include <stdlib.h>
#include <string.h>

/* The first links need no allocation and lie in the hot data. */
static struct link *few_pointers[64] HOT_DATA;
static struct link few_links[4] HOT_DATA;
struct link **links HOT_DATA;
int link_count HOT_DATA;
static int link_room;
int link_first_free = -1;
struct list link_lists[LISTS] HOT_DATA;
static struct traffic closed_traffic;

static bool grow(void) {
    int room = link_room ? 2 * link_room : (int)(sizeof(few_pointers) / sizeof(*few_pointers));
    struct link **more = link_room ? malloc(room * sizeof(*links)) : few_pointers;
    if (!more)
        return false;
    for (int i = 0; i < LISTS && !link_room; i++)
        link_lists[i].end = &link_lists[i].first;
    if (link_count)
        memcpy(more, links, link_count * sizeof(*links));
    if (links != few_pointers)
        free(links);
    links = more;
    link_room = room;
    return true;
}

struct link *link_new(void) {
    if (link_count == link_room && !grow())
        return NULL;
    bool few = link_count < (int)(sizeof(few_links) / sizeof(*few_links));
    struct link *link = few ? &few_links[link_count] : calloc(1, sizeof(*link));
    if (link) {
        link->number = link_count;
        links[link_count++] = link;
    }
    return link;
}

int link_add(const struct transport *transport, const struct endpoint *endpoint) {
    int number = link_first_free;
    struct link *link;
    if (number >= 0) {
        link = links[number];
        link_first_free = link->next_free;
    } else {
        link = link_new();
        if (!link)
            return -1;
        number = link->number;
    }
    struct link old = *link;
    *link = (struct link){
        .transport = transport, .endpoint = *endpoint, .number = number, .state = OPEN};
    /* The closed link of this number may still be in a list. */
    memcpy(link->in_list, old.in_list, sizeof(link->in_list));
    memcpy(link->next, old.next, sizeof(link->next));
    return number;
}

struct endpoint *link_endpoint(int number) {
    struct link *link = get(number);
    return link ? &link->endpoint : NULL;
}

bool link_is_open(int number) {
    struct link *link = get(number);
    return link && link->state == OPEN;
}

const struct traffic *link_traffic(int number) {
    struct link *link = get(number);
    return link ? &link->traffic : NULL;
}

static void add_traffic(struct traffic *sum, const struct traffic *more) {
    sum->requests += more->requests;
    sum->replies += more->replies;
    sum->events += more->events;
}

struct traffic link_traffic_total(void) {
    struct traffic sum = closed_traffic;
    for (int i = 0; i < link_count; i++)
        if (links[i]->state != FREE)
            add_traffic(&sum, &links[i]->traffic);
    return sum;
}

void link_traffic_closed(const struct link *link) {
    add_traffic(&closed_traffic, &link->traffic);
}

void link_set_modest(int number, bool on) {
    struct link *link = get(number);
    if (link)
        link->greedy = !on;
}

bool link_is_modest(int number) {
    struct link *link = get(number);
    return link && !link->greedy;
}

void link_set_flow_control(int number, bool on) {
    struct link *link = get(number);
    if (link)
        link->flow_controlled = on;
}

enum link_claim link_claim(int number, int domid) {
    struct link *link = get(number);
    if (!link || link->endpoint.domid != domid)
        return CLAIM_GONE;
    link->claimed = true;
    if (link->state == OPEN)
        return CLAIM_OPEN;
    return CLAIM_BROKEN;
}

void link_unclaim_all(void) {
    for (int i = 0; i < link_count; i++)
        links[i]->claimed = false;
}

void link_close_unclaimed(void) {
    for (int i = 0; i < link_count; i++) {
        struct link *link = links[i];
        if (link->state == FREE || link->claimed)
            continue;
        /* The program failed before it had taken the event of a new socket. */
        if (link->endpoint.domid < 0 && link->state == OPEN)
            link_connected(i);
        else
            link_close(i);
    }
}

size_t link_memory(void) {
    size_t spare = link_in_pool.spares * IN_SIZE + link_out_pool.spares * OUT_SIZE;
    return *link_all_buffers - spare + link_room * sizeof(*links) +
           link_count * sizeof(struct link);
}

int64_t link_reads(int number) {
    struct link *link = get(number);
    /* Linux tells of new room in a socket only when most of its output is read. */
    return link ? ((int64_t)(link->reads & 0x1fffffff) << 24) + (int64_t)UNREAD(link) : 0;
}
