#include "commit.h"

bool engine_commit_point(void) {
    return commit_point();
}
