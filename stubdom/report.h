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
/** Logs lines of text; "xenstored.js:LINE" in them becomes "src/...ts:LINE". */
void report_text(const char *text, size_t length);
/** Logs the pending exception, what was being done, and its stack; clears it. */
void report_exception(JSContext *ctx, const char *doing);

#endif
