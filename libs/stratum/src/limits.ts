/**
 * Everything a peer can make grow in any dialect, with its cap and the reason for the number. A cap is part of
 * the protocol edge, not an operator's setting: none of them is reached by a miner that behaves.
 */

/** The longest honest line is a mining.configure with every `info` field, about 1 KiB. */
export const MAX_LINE_BYTES = 8192;

/**
 * Commas and opening brackets of a line. A login with every algorithm there is and how fast the miner is at each has
 * two hundred; a line full of them takes a hundred times as long to read as one of the same length without.
 */
export const MAX_MESSAGE_PARTS = 512;

/** Ids are kept until the reply is out; UUIDs have 36 characters. */
export const MAX_ID_CHARS = 128;

/** A farm proxy authorises its devices one by one on a single connection. */
export const MAX_WORKERS_PER_SESSION = 256;

/** The wire allows more, but dashboards and the share batch want names that fit a line. */
export const MAX_WORKER_CHARS = 64;
export const MAX_LOGIN_CHARS = 192;
export const MAX_PASSWORD_CHARS = 256;
export const MAX_AGENT_CHARS = 96;
export const MAX_SESSION_ID_CHARS = 64;

/** Replies that wait for the verdict of an earlier share; the adapter stops reading long before. */
export const MAX_PENDING_REPLIES = 1024;

/** Jobs a session can still submit for: at one template per 30 s and some retargets, a quarter of an hour. */
export const MAX_JOBS_PER_SESSION = 32;

/** Templates a pool keeps alive between two blocks, and the old ones it can still call stale. */
export const MAX_LIVE_WORKS = 32;
export const MAX_RETIRED_WORKS = 64;

/**
 * Shares remembered against duplicates per session. Vardiff aims at some ten per job; the ramp of a farm
 * that starts at difficulty 1 takes a few hundred. 8192 keys of about 50 bytes are 430 KiB at worst.
 */
export const MAX_REMEMBERED_SHARES = 8192;

/** Distinct difficulties whose targets are kept ready. */
export const MAX_CACHED_TARGETS = 4096;

/** Score at which a peer is sent away; `rejects.ts` holds what each fault adds. */
export const MAX_OFFENCES = 200;
/** Score at which it is warned, and given more work for each share. */
export const WARNING_OFFENCES = 100;
/** What an accepted share takes off the score. */
export const OFFENCE_CREDIT = 4;
