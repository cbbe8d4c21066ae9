#include "ring.h"
#include "engine/word_ops.h"
#include <xen/io/xs_wire.h>

#define SIZE XENSTORE_RING_SIZE
#define CONNECTED 0
#define RECONNECT 1

/* The compiler must neither repeat nor split these accesses. */
#define READ_ONCE(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define WRITE_ONCE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)

ALWAYS_INLINE bool ring_wants_reconnect(const struct xenstore_domain_interface *page) {
    return READ_ONCE(page->connection) == RECONNECT;
}

ALWAYS_INLINE bool ring_has_requests(const struct xenstore_domain_interface *page) {
    return READ_ONCE(page->req_prod) != READ_ONCE(page->req_cons) || ring_wants_reconnect(page);
}

bool ring_has_room(const struct xenstore_domain_interface *page) {
    return READ_ONCE(page->rsp_prod) - READ_ONCE(page->rsp_cons) != SIZE;
}

ALWAYS_INLINE enum ring_status ring_take(struct xenstore_domain_interface *page, void *to,
                                         size_t room, size_t *taken) {
    *taken = 0;
    if (UNLIKELY(ring_wants_reconnect(page)))
        return RING_RECONNECT;
    uint32_t consumed = READ_ONCE(page->req_cons), produced = READ_ONCE(page->req_prod);
    uint32_t length = produced - consumed;
    if (UNLIKELY(length > SIZE))
        return RING_BAD_INDEX;
    if (length > room)
        length = room;
    if (UNLIKELY(!length))
        return RING_OK;
    /* Read the bytes after the index that published them. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    uint32_t start = consumed % SIZE;
    uint32_t first = length < SIZE - start ? length : SIZE - start;
    copy_by_words(to, page->req + start, first);
    if (UNLIKELY(length > first))
        memcpy((char *)to + first, page->req, length - first);
    /* Read the bytes before the guest may overwrite them. */
    __atomic_store_n(&page->req_cons, consumed + length, __ATOMIC_RELEASE);
    *taken = length;
    return RING_OK;
}

ALWAYS_INLINE enum ring_status ring_put(struct xenstore_domain_interface *page, const void *from,
                                        size_t length, size_t *put) {
    *put = 0;
    if (UNLIKELY(ring_wants_reconnect(page)))
        return RING_RECONNECT;
    uint32_t consumed = READ_ONCE(page->rsp_cons), produced = READ_ONCE(page->rsp_prod);
    uint32_t used = produced - consumed;
    if (UNLIKELY(used > SIZE))
        return RING_BAD_INDEX;
    if (length > SIZE - used)
        length = SIZE - used;
    if (UNLIKELY(!length))
        return RING_OK;
    /* Nothing is written before the index that allows it was read. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    uint32_t start = produced % SIZE;
    uint32_t first = length < SIZE - start ? length : SIZE - start;
    copy_by_words(page->rsp + start, from, first);
    if (UNLIKELY(length > first))
        memcpy(page->rsp, (const char *)from + first, length - first);
    /* The bytes are there before the index publishes them. */
    __atomic_store_n(&page->rsp_prod, produced + length, __ATOMIC_RELEASE);
    *put = length;
    return RING_OK;
}

static COLD void put_around(struct xenstore_domain_interface *page, uint32_t index,
                            const char *from, uint32_t length) {
    for (uint32_t i = 0; i < length; i++)
        page->rsp[(index + i) % SIZE] = from[i];
}

ALWAYS_INLINE bool ring_stage(struct xenstore_domain_interface *page, uint32_t produced,
                              uint32_t staged, const void *first, uint32_t first_length,
                              const void *second, uint32_t second_length) {
    uint32_t used = produced - READ_ONCE(page->rsp_cons), length = first_length + second_length;
    if (UNLIKELY((uint64_t)used + staged + length > SIZE))
        return false;
    /* Nothing is written before the index that allows it was read. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    uint32_t start = (produced + staged) % SIZE;
    if (UNLIKELY(start + length > SIZE)) {
        put_around(page, start, first, first_length);
        put_around(page, start + first_length, second, second_length);
        return true;
    }
    copy_by_words(page->rsp + start, first, first_length);
    copy_by_words(page->rsp + start + first_length, second, second_length);
    return true;
}

ALWAYS_INLINE uint32_t ring_produced(const struct xenstore_domain_interface *page) {
    return READ_ONCE(page->rsp_prod);
}

ALWAYS_INLINE enum ring_status ring_publish(struct xenstore_domain_interface *page,
                                            uint32_t produced) {
    if (UNLIKELY(ring_wants_reconnect(page)))
        return RING_RECONNECT;
    /* The bytes are there before the index publishes them. */
    __atomic_store_n(&page->rsp_prod, produced, __ATOMIC_RELEASE);
    return RING_OK;
}

void ring_reset(struct xenstore_domain_interface *page) {
    WRITE_ONCE(page->req_cons, 0);
    WRITE_ONCE(page->req_prod, 0);
    WRITE_ONCE(page->rsp_cons, 0);
    WRITE_ONCE(page->rsp_prod, 0);
    WRITE_ONCE(page->error, XENSTORE_ERROR_NONE);
    ring_announce(page);
}

void ring_announce(struct xenstore_domain_interface *page) {
    /* The guest continues as soon as it sees this: all other fields must be set before. */
    __atomic_store_n(&page->connection, CONNECTED, __ATOMIC_RELEASE);
}

void ring_set_features(struct xenstore_domain_interface *page, uint32_t mask) {
    WRITE_ONCE(page->server_features, mask);
}

void ring_set_error(struct xenstore_domain_interface *page, uint32_t error) {
    __atomic_store_n(&page->error, error, __ATOMIC_RELEASE);
}

uint32_t ring_own_port(const struct xenstore_domain_interface *page) {
    uint32_t port;
    memcpy(&port, (const char *)page + 2076, sizeof(port));
    return port;
}
