/* The layout and the largest size of a xenstore message (public/io/xs_wire.h). */
#ifndef STUBDOM_MESSAGE_H
#define STUBDOM_MESSAGE_H

#include "host_contract.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_SIZE 16
#define MESSAGE_MAX (HEADER_SIZE + PAYLOAD_MAX)
/* Bytes behind a link's buffers that may be read and written, so that copies and searches in steps
 * of several bytes need no check of the end. */
#define LINK_SLACK 64

/* struct xsd_sockmsg, native-endian; `length` is the payload's. */
struct header {
    uint32_t type, request_id, transaction_id, length;
};

#endif
