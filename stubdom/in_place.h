/*
 * Each message passes these functions. A call leads to another page most often, and so does its
 * end: in a domain that was away both have to be found again. So they are part of who calls them,
 * also where that is another file, for the images are optimised as a whole.
 */
#ifndef STUBDOM_IN_PLACE_H
#define STUBDOM_IN_PLACE_H

#define IN_PLACE inline __attribute__((always_inline))
/* What is seldom stays out of the way, behind all that is not. */
#define SELDOM(condition) __builtin_expect(!!(condition), 0)
#define APART __attribute__((noinline, cold))

#endif
