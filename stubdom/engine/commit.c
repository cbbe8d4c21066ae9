#include "commit.h"

bool engine_boundary(void) {
    return boundary();
}
