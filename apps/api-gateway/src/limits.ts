/**
 * Bounds on everything a client of the API can make grow or wait, each with its reason. The API faces
 * browsers and scripts, not miners: no bound here is on the share path.
 */

/** No endpoint takes a body; this leaves room for a client that sends `{}` anyway. */
export const MAX_BODY_BYTES = 4_096;

/** Of the path, before it is decoded: an address of Monero with a payment id has 106, an encoded one thrice that. */
export const MAX_PATH_PART_CHARS = 768;

/** Browsers hold a handful of connections each; beyond this and the live clients who comes is reset. */
export const MAX_HTTP_CONNECTIONS = 1_024;

/** Of them, for who comes when the others are taken: it is let in before the one that goes for it has gone. */
export const SPARE_CONNECTIONS = 64;

/** Who has connected and waits to be let in: a descriptor each. The others wait in the system's own queue. */
export const MAX_CONNECTIONS_WAITING = 1_024;
export const LISTEN_BACKLOG = 4_096;

/** A request that has not arrived whole by then holds a connection for nothing. */
export const REQUEST_TIMEOUT_MS = 10_000;
export const KEEP_ALIVE_TIMEOUT_MS = 30_000;

/** How long a service may take to answer a query before the caller gets 504. */
export const QUERY_TIMEOUT_MS = 2_000;

/** Of one that reads the work of a whole window: millions of shares may lie in it. */
export const EXPLANATION_TIMEOUT_MS = 30_000;

/** A dashboard load is a burst of half a dozen requests, also where the sustained rate is set very low. */
export const MIN_RATE_BURST = 20;

/** Answers kept: the pages of some ten thousand miners, or the charts of every window that a front end has. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Old answers that are made anew at once. More would be queries that nobody waits for. */
export const MAX_ANSWERS_REFRESHING = 16;
/** Answers that are worked out at once; the others wait for their turn, well within what a client waits. */
export const MAX_ANSWERS_LOADING = 32;
export const MAX_ANSWERS_WAITING = 2_000;

/** What one client may be behind: several snapshots of a large pool. More frames would be of no use to it. */
export const MAX_LIVE_PENDING_BYTES = 1024 * 1024;
/** All together: of thousands of clients few are slow, unless the line of the server itself is. */
export const MAX_LIVE_TOTAL_PENDING_BYTES = 64 * 1024 * 1024;
/** As many topics as a client may hear, with the longest names and their positions. */
export const MAX_LIVE_MESSAGE_BYTES = 16 * 1024;
/** Frames by which a client catches up: those of the last minutes, and never less than the stream keeps itself. */
export const LIVE_KEPT_MS = 5 * 60_000;
export const MAX_LIVE_KEPT_BYTES = 64 * 1024 * 1024;
/** Of one topic and one client; beyond that a snapshot says it in less. */
export const MAX_LIVE_REPLAY_BYTES = 256 * 1024;

/** How long `stop()` lets answers in flight and close handshakes finish. */
export const STOP_DEADLINE_MS = 2_000;
