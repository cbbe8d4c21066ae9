/** The bounds of the daemon, with their reasons. Sizes are in bytes, times in milliseconds. */

/** XENSTORE_PAYLOAD_MAX. A longer reply becomes E2BIG, a longer event is dropped. */
export const PAYLOAD_MAX = 4096;

/** XENSTORE_REL_PATH_MAX, the largest value of `path-max`. XENSTORE_ABS_PATH_MAX is not enforced. */
export const PATH_MAX = 2048;

/** The domain of the client itself. */
export const DOMID_SELF = 0x7ff0;
/** Every domain, in a permission list. */
export const DOMID_ANY = 0x7ff5;
/** A domid is 16 bits wide on the wire. */
export const DOMID_MAX = 0xffff;

/** Messages served in one turn, before new events are handled: short enough to be fair. */
export const TURN_MESSAGES = 128;

/**
 * Nodes of removed subtrees swept in one go, once or twice a turn. At 2 to 5 us a node, all others wait for
 * a millisecond at most. Directly after the message that removed something it is more, as many as a guest
 * may own: the client waits for its own work.
 */
export const SWEEP_SLICE = 250;
export const REMOVED_SLICE = 1000;

/**
 * Watch events sent in one go, at about 2 us each. A slice also ends after EVENT_MILLISECONDS, checked
 * after each EVENT_LOOK events; then another connection has its turn.
 */
export const EVENT_SLICE = 1000;
export const EVENT_MILLISECONDS = 1;
export const EVENT_LOOK = 100;
/** How long deliveries are completed before a dump or live update. After that, guests get one event for each watch. */
export const FINISH_MILLISECONDS = 1000;
/**
 * Events queued for a privileged client that does not take them, from which on further ones stay in their deliveries, which
 * are a list of paths and not a message for each watch.
 */
export const PRIVILEGED_QUEUE = 8;
/**
 * Where memory has no limit: bytes of which a sixteenth may wait for privileged clients that do not read, and a quarter for
 * those that read slowly.
 */
export const RESTING_LIMIT = 64 * 1024 * 1024;
/** Records of what is given up that are freed in one go. */
export const ENDED_RECORDS = 1000;
/** Requests whose events wait for a privileged client that does not read, and for one that reads slowly. */
export const RESTING_MOST = 1000;
export const RESTING_SLOW = 16_000;
/**
 * What a saved state has of the events of privileged clients; beyond, each of their watches gets one. Events of a client that
 * does not read; and parts (1/n) of the memory's limit that the events of all may take, with one that does not read and with
 * one that reads. The stream has them once more, and so has the program that reads it.
 */
export const SAVED_EVENTS = 4096;
export const SAVED_PART = 16;
export const SAVED_PART_READING = 8;
/** Bytes of the paths in events of one request that are sent, or queued, at once. */
export const LONG_EVENTS = 32 * 1024;
/** Events of one request that are queued at once while memory is scarce. */
export const SCARCE_EVENTS = 32;
/**
 * Requests of a privileged client whose events for other privileged clients are on their way behind those that guests caused,
 * though they are answered. Guests have DELIVERIES_CAUSED.
 */
export const AHEAD_MOST = 64;
/** Undelivered events of a guest's own changes from which on the guest is not read. */
export const DELIVERIES_CAUSED = EVENT_SLICE;
/**
 * Watches and paths that deliveries may keep, 3 MiB. Beyond, a delivery of more than EVENT_SLICE events
 * that a guest caused keeps nothing for guests: each of their watches gets one event later.
 */
export const DELIVERIES_MAX = 200_000;

/**
 * Quarters of the reserve of memory that work must leave which makes the daemon hold more; and that a new connection of
 * Dom0 must leave, so that somebody can come and remove something from a store that Dom0 has filled.
 */
export const RESERVE_LEFT = 2;
export const RESERVE_LEFT_CONNECTION = 1;

/** Milliseconds after which deferred work goes on for which there was no memory. */
export const MEMORY_RETRY = 100;

/** Permission lists looked through in one go after the death of a domain. */
export const LISTS_SLICE = 200;

/** History records released in one go, for the same reason as SWEEP_SLICE. */
export const TRIM_SLICE = 500;

/** Bytes of cached listings. A longer one is cached alone, so that reading a huge directory in parts joins it once. */
export const LISTING_CACHE = 256 * 1024;

/**
 * Up to this size, the history keeps the whole old listing of a changed directory; above it single changes,
 * until there are LISTING_DELTAS.
 */
export const LISTING_COPY = 2048;
export const LISTING_DELTAS = 1000;

/** The history may use this fraction (1/n) of the memory limit. Beyond it the oldest transaction loses its snapshot. */
export const HISTORY_PART = 4;

/**
 * A snapshot is young for this time, at most twice that. Its holder is not charged for what other guests
 * change meanwhile.
 */
export const SNAPSHOT_YOUNG = 1000;

/**
 * While the history uses more than 1/PRESSURE_PART of what it may and the oldest snapshot is young, guests
 * wait that caused more than 1/SHARE_PART of an even share: so those that do not wait cause little
 * together.
 */
export const PRESSURE_PART = 4;
export const SHARE_PART = 4;

/** Where memory is scarce, less than this is taken from no client, and no client waits for it. */
export const WORTH_TAKING = 16_384;

/** Bytes of history that a guest may cause without waiting, whatever the others cause. */
export const SHARE_LEAST = 2048;

/** Commits after which a privileged client's snapshot that is not young may be given up where memory is scarce. */
export const OLD_SNAPSHOT = 10_000;

/** Changes of nodes after which a snapshot is given up: a quarter of the range of Tree.generation. */
export const SNAPSHOT_CHANGES = 0x4000_0000;

/**
 * Queued messages from which on a privileged connection is not read: a client that does not read its
 * replies must not pile them up here.
 */
export const QUEUE_STOPS_READING = 16;

/** How long an event stays queued for an unprivileged connection (`--timeout watch-event`). */
export const EVENT_TIMEOUT = 20_000;

/** Events queued for an unprivileged connection that does not read. */
export const GUEST_EVENTS = 1024;

/**
 * Conflict credits that a guest can have, and the time in which it earns one: oxenstored's
 * conflict-burst-limit and conflict-max-history-seconds.
 */
export const CONFLICT_CREDIT = 5;
export const CONFLICT_TICK = 50;

/**
 * A guest that makes transactions of privileged clients fail more than once is not read for twice as long
 * as the last one was open. From CONFLICT_MANY failures on that time doubles with each, up to CONFLICT_WAIT
 * milliseconds. One failure is forgotten in CONFLICT_FORGET milliseconds.
 */
export const CONFLICT_MANY = 8;
export const CONFLICT_WAIT = 5000;
export const CONFLICT_FORGET = 5000;

/** Authors kept of one history record. */
export const CHANGERS_MAX = 16;

/** Credits that a guest owes after a message that made the program fail: five seconds. */
export const FAILURE_DEBT = 100;

/** Credits that a guest owes if its changes made another client lose a young snapshot: one second. */
export const LOSS_DEBT = 20;

/**
 * Lines a second of the trace and access log, which clients cause: in a file, what a disk can take; on a
 * console, what a person can read.
 */
export const LOG_LINES_FILE = 5000;
export const LOG_LINES_CONSOLE = 100;

/** A transaction number is 32 bits wide on the wire; 0 means none. */
export const TRANSACTION_ID_MAX = 0xffff_ffff;
