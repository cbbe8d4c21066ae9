/*
 * Unpacks a gzip file (RFC 1952, RFC 1951) of one member. It is slow and small: a bit at a time,
 * without tables. The libraries that Debian has compiled do not link here: they keep a canary of
 * the stack in thread-local storage, which the kernel does not have.
 */
#ifndef STUBDOM_XEN_UNPACK_H
#define STUBDOM_XEN_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether a file begins as a gzip file does. */
bool unpack_is_packed(const uint8_t *file, size_t size);
/** The bytes of its contents, as its end says. */
size_t unpack_size(const uint8_t *file, size_t size);
/** Unpacks it to `to`, which has room for unpack_size(). False: it is damaged, or of another kind.
 */
bool unpack(const uint8_t *file, size_t size, uint8_t *to);

#endif
