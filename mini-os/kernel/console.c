/* The console ring, with a backlog, because Dom0 may serve the ring late or never. */
#include <mini-os/arch.h>
#include <mini-os/console.h>
#include <mini-os/event_notify.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/io/console.h>

#define BACKLOG 8192

static char backlog[BACKLOG];
static unsigned backlog_start, backlog_length;
static unsigned long dropped;
static bool urgent = true;

static struct xencons_interface *ring(void) {
    return boot.console_page;
}

void console_urgent(bool on) {
    urgent = on;
}

unsigned console_port(void) {
    return boot.console_port;
}

void console_flush(void) {
    struct xencons_interface *page = ring();
    if (!page || !backlog_length)
        return;
    XENCONS_RING_IDX consumed = __atomic_load_n(&page->out_cons, __ATOMIC_ACQUIRE);
    XENCONS_RING_IDX produced = page->out_prod;
    unsigned used = produced - consumed;
    if (used > sizeof(page->out)) /* a bad index from Dom0: keep the backlog */
        return;
    unsigned sent = 0;
    for (unsigned room = sizeof(page->out) - used; room && backlog_length; room--, sent++) {
        page->out[MASK_XENCONS_IDX(produced++, page->out)] = backlog[backlog_start];
        backlog_start = (backlog_start + 1) % BACKLOG;
        backlog_length--;
    }
    if (!sent)
        return;
    /* The bytes must be visible before the index. */
    __atomic_store_n(&page->out_prod, produced, __ATOMIC_RELEASE);
    event_notify(boot.console_port);
}

static void keep(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (backlog_length == BACKLOG) {
            dropped += length - i;
            return;
        }
        backlog[(backlog_start + backlog_length++) % BACKLOG] = text[i];
    }
}

void console_write(const char *text, size_t length) {
    if (urgent)
        arch_early_write(text, length);
    if (dropped && BACKLOG - backlog_length > 128) {
        char note[64];
        int size = snprintf(note, sizeof(note), "[%lu bytes of output lost]\r\n", dropped);
        dropped = 0;
        keep(note, size);
    }
    /* A terminal needs "\r\n" at the end of a line. */
    while (length) {
        const char *end = memchr(text, '\n', length);
        size_t part = end ? (size_t)(end - text) : length;
        keep(text, part);
        if (!end)
            break;
        keep("\r\n", 2);
        text = end + 1;
        length -= part + 1;
    }
    console_flush();
}

void console_line(const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof(line))
        length = sizeof(line) - 1;
    line[length++] = '\n';
    console_write(line, length);
}
