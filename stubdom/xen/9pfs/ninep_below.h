/* What the 9pfs client needs of its device. ninep_front.c implements it, or a test. */
#ifndef STUBDOM_NINEP_BELOW_H
#define STUBDOM_NINEP_BELOW_H

/** Notifies the backend of the device. */
void ninep_below_notify(void);
/** Writes one line to the console. */
void ninep_below_say(const char *line);

#endif
