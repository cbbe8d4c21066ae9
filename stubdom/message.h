/* A message of the protocol as it lies in memory, and how large it can be. */
#ifndef STUBDOM_MESSAGE_H
#define STUBDOM_MESSAGE_H

#include "host_contract.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_SIZE 16
#define MESSAGE_MAX (HEADER_SIZE + PAYLOAD_MAX)
/* Behind what a link holds so many bytes more may be read and written: what is copied or searched
 * in steps needs not look where it ends. */
#define LINK_SLACK 64

/* The wire's header, native-endian (io/xs_wire.h). */
struct header {
    uint32_t type, request_id, transaction_id, length;
};

#endif
