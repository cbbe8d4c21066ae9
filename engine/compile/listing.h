/* Build tool: the listing of the program's bytecode. */
#ifndef LISTING_H
#define LISTING_H

#include "quickjs.h"
#include <stdio.h>

/* Writes the listing (listing.c) of a compiled program that has not run. */
void engine_list(JSContext *ctx, JSValueConst program, FILE *to);

#endif
