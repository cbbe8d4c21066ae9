/** Every bound of the daemon, each with its reason. Sizes are bytes, times milliseconds. */

/** XENSTORE_PAYLOAD_MAX: a longer reply is E2BIG, a longer event is dropped. */
export const PAYLOAD_MAX = 4096;

/** XENSTORE_ABS_PATH_MAX and XENSTORE_REL_PATH_MAX bind clients; `path-max` is capped at the latter. */
export const PATH_MAX = 2048;

/** Stands for the domain that asks. */
export const DOMID_SELF = 0x7ff0;
/** Stands for every domain in an access control list. */
export const DOMID_ANY = 0x7ff5;
/** A domid is 16 bits wide on the wire. */
export const DOMID_MAX = 0xffff;

/** Messages served before the host gets a look at new events: short enough for fairness between rounds. */
export const TURN_MESSAGES = 128;

/**
 * Nodes of removed subtrees taken from the index in one go, once or twice a turn.
 * At 2 to 5 us a node this holds everything else up for a millisecond. After a message that removed something it is
 * more, as many as a guest may own: that is its own time.
 */
export const SWEEP_SLICE = 250;
export const REMOVED_SLICE = 1000;

/**
 * Watch events handed over in one go, at about 2 us each. A slice ends after so many milliseconds, looked at once in so
 * many events; then it is another connection's turn.
 */
export const EVENT_SLICE = 1000;
export const EVENT_MILLISECONDS = 1;
export const EVENT_LOOK = 100;
/** What is to be handed over before a dump or a live update: from then on guests get one event for each of their watches. */
export const FINISH_MILLISECONDS = 1000;
/** Events of a guest's changes on their way past which it is not read: its own time, and nobody else's. */
export const DELIVERIES_CAUSED = EVENT_SLICE;
/**
 * Watches and paths kept of what is on its way, 3 MiB, past which what a guest causes and what is more than a slice is
 * not kept for guests: each of their watches gets one event later.
 */
export const DELIVERIES_MAX = 200_000;

/** History records let go in one go, for the same reason. */
export const TRIM_SLICE = 500;

/**
 * Joined listings kept, in bytes altogether; one longer than that is kept alone,
 * so that reading a huge directory in parts joins it once.
 */
export const LISTING_CACHE = 256 * 1024;

/**
 * Below this size the old listing of a changed directory is kept whole for open
 * snapshots; above it only the single changes are, until there are LISTING_DELTAS.
 */
export const LISTING_COPY = 2048;
export const LISTING_DELTAS = 1000;

/**
 * Of the memory that there is, the part that may be kept for open snapshots; past it the oldest transaction loses its
 * snapshot.
 */
export const HISTORY_PART = 4;

/**
 * Milliseconds in which an open snapshot is young, and at most twice that: what others change beside it is not on its
 * holder's account.
 */
export const SNAPSHOT_YOUNG = 1000;

/**
 * Of what may be kept, the part past which guests wait beside a young snapshot: those with more than such a part of an even
 * share of what all of them have made be kept, so that those who do not wait have little together.
 */
export const PRESSURE_PART = 4;
export const SHARE_PART = 4;

/** Bytes: where memory is scarce, less than that is taken from nobody, and nobody waits for it. */
export const WORTH_TAKING = 16_384;

/** Bytes of the past that a guest may have made be kept without waiting, whatever the others have. */
export const SHARE_LEAST = 2048;

/** Commits after which a privileged client's transaction that is not young is given up where memory is scarce. */
export const OLD_SNAPSHOT = 10_000;

/** Changes of nodes after which an open snapshot is taken away: a quarter of what Tree.generation tells apart. */
export const SNAPSHOT_CHANGES = 0x4000_0000;

/**
 * Messages waiting in a connection's own queue before its requests are left
 * unread: a client that does not read its replies cannot pile them up here.
 */
export const QUEUE_STOPS_READING = 16;

/** Events of an unprivileged connection that wait longer are dropped (`--timeout watch-event`). */
export const EVENT_TIMEOUT = 20_000;

/** Events kept for an unprivileged connection that does not read. */
export const GUEST_EVENTS = 1024;

/**
 * Transactions of others that a guest may make fail in a row, and the time in which it earns one more: as oxenstored's
 * conflict-burst-limit and conflict-max-history-seconds.
 */
export const CONFLICT_CREDIT = 5;
export const CONFLICT_TICK = 50;

/**
 * Whoever makes transactions of privileged clients fail more than once is not read for twice as long as the last was open, and
 * after CONFLICT_MANY of them for twice that with each, but for CONFLICT_WAIT milliseconds at most. In CONFLICT_FORGET
 * milliseconds one of them is forgotten.
 */
export const CONFLICT_MANY = 8;
export const CONFLICT_WAIT = 5000;
export const CONFLICT_FORGET = 5000;

/** Domains that are remembered to have changed the same thing beside one snapshot. */
export const CHANGERS_MAX = 16;

/** Credits that a guest owes after a message that made the program fail: five seconds. */
export const FAILURE_DEBT = 100;

/** The same of guests whose changes made a transaction of somebody else lose its young snapshot: one second. */
export const LOSS_DEBT = 20;

/**
 * Lines a second of the trace and the access log, which clients cause: what a disk takes without anybody noticing, and
 * what somebody who looks at a console can read at most.
 */
export const LOG_LINES_FILE = 5000;
export const LOG_LINES_CONSOLE = 100;

/** A transaction number is 32 bits wide on the wire; 0 means none. */
export const TRANSACTION_ID_MAX = 0xffff_ffff;
