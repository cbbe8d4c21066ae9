/* Compares the path of a row for the path index, in paths.c and, inlined, in link.c. */
#ifndef STUBDOM_BIND_PATHS_H
#define STUBDOM_BIND_PATHS_H

#include "stubdom/engine/engine.h"
#include "engine/quickjs_ext.h"
#include "stubdom/state/paths_find.h"

static ALWAYS_INLINE bool bind_paths_is(void *rows, uint32_t row, const char *path, size_t length) {
    (void)rows;
    const struct engine_list *texts = engine.text_list;
    return row < texts->count && engine_is_here(texts->values[row], path, length);
}

#endif
