/* What a test guest can do. None of them returns, unless it says so. */
#ifndef GUEST_ACTS_H
#define GUEST_ACTS_H

/* kinds.c: clients that mean well, or only take what they can get. */
void watcher(void); /* counts the events of data/w in data/seen */
void maker(void);   /* adds 1 to data/n in a transaction, 50 times; data/made tells */
void hoarder(void); /* watches, transactions, nodes, until each is refused; data/<which> tells */

void channels(void); /* 6,000 event channels, each fires once; data/channels tells */

/* obey.c: does what Dom0 writes into data/do, answers in data/said */
void obey(void);

/* memory.c: takes the store's memory in the kinds that the command line names beside act=memory;
 * data/rounds counts */
void memory(void);

/* main.c: what follows `name=` on the command line, "" for a word without it; NULL: it is not there
 */
const char *told(const char *name);

/* hostile.c. Each writes data/acting before it begins. */
void oversized(void); /* a message longer than the protocol has */
void partial(void);   /* a message that never ends, byte by byte */
void deaf(void);      /* asks, and never reads an answer */
void flood(void);     /* writes as fast as it can */
void storm(void);     /* reconnects, again and again, in the middle of a message; then data/after */
void revoke(void);    /* takes its grants back while its ring is mapped */
void unbind(void);    /* closes all of its event channels */
void vanish(void);    /* ends the domain in the middle of a message */
void half(void);      /* half a message, and nothing is read any more; without data/acting */

#endif
