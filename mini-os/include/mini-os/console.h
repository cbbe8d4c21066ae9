/* The console ring (io/console.h of Xen's public headers). Never blocks. */
#ifndef MINI_OS_CONSOLE_H
#define MINI_OS_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/** Whether output also goes where it needs no other domain; it does from the start on. Slow. */
void console_urgent(bool on);
/** Keeps what the ring does not take, up to a bound; what exceeds it is counted and dropped. */
void console_write(const char *text, size_t length);
/** Moves on what was kept; call on an event of console_port(). */
void console_flush(void);
/** Event channel of the console; 0: none. */
unsigned console_port(void);
/** One formatted line, at most 1,023 bytes; the end of the line is added. */
void console_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
