/* The acts of the test guest. An act does not return unless its comment says so. */
#ifndef GUEST_ACTS_H
#define GUEST_ACTS_H

/* kinds.c: clients that keep to the protocol. */
void watcher(void); /* writes the number of events of data/w to data/seen */
void maker(void);   /* adds 1 to data/n in a transaction, 50 times; then writes data/made */
void hoarder(void); /* makes watches, transactions and nodes until each is refused, and writes their
                     * numbers to data/watches and so on */

void channels(void); /* 6,000 event channels, with one event on each; result in data/channels */

/* obey.c: makes the requests that Dom0 writes to data/do, and writes the replies to data/said */
void obey(void);

/* memory.c: uses up the store's memory; data/rounds counts the rounds */
void memory(void);

/* main.c: the text behind `name=` on the command line; "": only `name`; NULL: neither */
const char *told(const char *name);

/* hostile.c: each writes data/acting before it begins. */
void oversized(void); /* sends a header with a length above XENSTORE_PAYLOAD_MAX */
void partial(void);   /* sends all bytes of a message but the last, one by one */
void deaf(void);      /* sends requests and reads no reply */
void flood(void);     /* sends requests as fast as it can */
void storm(void);     /* reconnects 300 times within a message; then writes data/after */
void revoke(void);    /* revokes its grants while its ring is mapped */
void unbind(void);    /* closes all of its event channels */
void vanish(void);    /* shuts the domain down within a message */
void half(void);      /* sends half a message and stops; does not write data/acting */

#endif
