#include "engine_commit.h"

bool engine_boundary(void) {
    return boundary();
}
