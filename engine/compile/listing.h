/* The program's bytecode as lines: a build tool's. */
#ifndef LISTING_H
#define LISTING_H

#include "quickjs.h"
#include <stdio.h>

/* Writes the functions of a compiled program that has not run. */
void engine_list(JSContext *ctx, JSValueConst program, FILE *to);

#endif
