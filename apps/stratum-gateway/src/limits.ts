/** What a peer can make the gateway hold, and how long it waits for what; each with its reason. */

/** A miner connects, subscribes and authorises within a second; a slow link gets thirty. */
export const HANDSHAKE_TIMEOUT_MS = 30_000;
/** Some firmware says nothing between two shares, which vardiff keeps far below this. */
export const IDLE_TIMEOUT_MS = 15 * 60_000;
/** Sessions are looked at this often for time-outs and silent difficulties. */
export const TICK_MS = 1_000;

/** A job is 1 to 3 KiB: a reader with this much unread has missed hundreds of them. */
export const MAX_SEND_QUEUE_BYTES = 1024 * 1024;

/** Shares are gathered this long; a full batch does not wait (docs/adr/0003). */
export const BATCH_WINDOW_MS = 1;
/** One commit is shared by what is in flight; more would only add to the latency. */
export const MAX_BATCHES_IN_FLIGHT = 4;
/** Full batches that wait for a place in flight before the sockets are paused. */
export const MAX_BATCHES_WAITING = 4;
/** Rejects are written with the shares; without shares at least this often. */
export const TALLY_INTERVAL_MS = 1_000;

/** The log is tried again with growing pauses for this long; then miners are told nothing and sent away. */
export const DURABLE_DEADLINE_MS = 60_000;
export const RETRY_FIRST_MS = 100;
export const RETRY_MAX_MS = 5_000;

/** Sockets written in one go before the event loop gets a turn. */
export const BROADCAST_SLICE = 500;

/** Leases of gone sessions kept for their return. */
export const MAX_RESUMABLE = 20_000;
export const RESUME_TTL_MS = 10 * 60_000;

/** Shares in flight get this long to be answered when the gateway stops; then sockets close. */
export const DRAIN_DEADLINE_MS = 5_000;

/** A peer that is sent away gets this long to take what is still in its socket. */
export const BYE_MS = 1_000;

/** Replies a connection may wait for before it is read no further, well below what the session closes for. */
export const MAX_UNANSWERED = 512;
export const RESUME_REPLIES = 256;
