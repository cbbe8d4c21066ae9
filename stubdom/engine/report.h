/* What goes wrong in the program, said with lines of TypeScript. */
#ifndef STUBDOM_REPORT_H
#define STUBDOM_REPORT_H

#include <quickjs.h>
#include <stddef.h>

/*
 * The table of positions: text, a source's path after '@', then for each line of
 * the bundle that comes from it "bundle-line source-line", both as differences
 * to the ones before. Kept, not copied.
 */
void report_positions(const char *table, size_t length);
/** The table that is in use, and its use again. */
struct report_table {
    const char *text;
    size_t length;
};
struct report_table report_table(void);
void report_restore(struct report_table kept);
/** Logs lines of text; "xenstored.js:LINE" in them becomes "src/...ts:LINE". */
void report_text(const char *text, size_t length);
/** Logs the pending exception, what was being done, and its stack; clears it. */
void report_exception(JSContext *ctx, const char *doing);
/** Logs what serves now, and how long that took: `since` is a platform_now(). */
void report_serves(const char *what, double since);

#endif
