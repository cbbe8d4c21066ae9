/* What the files of a share need of what is below: the device in ninep_front.c, or a test. */
#ifndef STUBDOM_NINEP_BELOW_H
#define STUBDOM_NINEP_BELOW_H

/** The other side has something to read. */
void ninep_below_notify(void);
/** One line to where it needs no share. */
void ninep_below_say(const char *line);

#endif
