/* Logs exceptions of the program with the lines of its TypeScript sources. */
#ifndef STUBDOM_REPORT_H
#define STUBDOM_REPORT_H

#include <quickjs.h>
#include <stddef.h>

/*
 * Sets the table of positions (build/bundle.mjs). It is text: a source's path after '@', then for
 * each line of the bundle that comes from it "bundle-line source-line", both as differences to the
 * line before. The table is not copied.
 */
void report_positions(const char *table, size_t length);
/** Returns the present table, and sets it again after a failed live update. */
struct report_table {
    const char *text;
    size_t length;
};
struct report_table report_table(void);
void report_restore(struct report_table kept);
/** Logs lines of text; "xenstored.js:LINE" in them becomes "src/...ts:LINE". */
void report_text(const char *text, size_t length);
/** Logs the pending exception with its stack and what was `doing`, and clears it. */
void report_exception(JSContext *ctx, const char *doing);

#endif
