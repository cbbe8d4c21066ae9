/* The console ring (public/io/console.h). No call blocks. */
#ifndef MINI_OS_CONSOLE_H
#define MINI_OS_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/** Whether output also goes to arch_early_write(), which is slow. On at the start. */
void console_urgent(bool on);
/** Writes to the ring. What has no room waits in a backlog of 8 KiB; what exceeds that is counted
 * and dropped. */
void console_write(const char *text, size_t length);
/** Moves the backlog to the ring. Call it on each event of console_port(). */
void console_flush(void);
/** The console's event channel; 0: none. */
unsigned console_port(void);
/** Writes one formatted line of at most 1,023 bytes; the line end is added. */
void console_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
