/*
 * Another image in place of this one (mini-os/handover.h): the program's part of what the next one
 * goes on with. It has the domain's ports, the links with their rings and partial bytes, the 9pfs
 * device, and the state that the program has saved.
 */
#ifndef STUBDOM_XEN_IMAGE_H
#define STUBDOM_XEN_IMAGE_H

#include "stubdom/platform.h"

/** Whether another image was before this one. */
bool image_is_next(void);
/** Goes on with its links, and fills `config`. Returns the port of VIRQ_DOM_EXC; negative: it has
 * none. *wrong: why it cannot go on; else NULL. */
int image_continue(struct platform_config *config, const char **wrong);
/** The program has its state: gives the memory of it back, and goes on with the 9pfs device. */
void image_continued(void);
/** A line of the log. Until image_continued() the last one says why the image before goes on. */
void image_says(const char *line, size_t length);
/** For the next image: what platform_start() has found. */
void image_set(const struct platform_config *config, int domain_port);

#endif
