/** What Monero pools send, from unknown to typed. Undefined means unusable. */
import { decodeTarget } from '@otedama/cryptonote';
import { parseHash32 } from '@otedama/stratum';
import { cleanText, parseBytes, parseName } from '@otedama/stratum/client';

export type RandomxAlgorithm = 'randomx' | 'randomx-v2';

/** The first is what we call it; pools of other software say it otherwise. */
export const ALGORITHM_NAMES: Readonly<Record<RandomxAlgorithm, readonly [string, ...string[]]>> = {
  randomx: ['rx/0', 'randomx/0', 'randomx'],
  'randomx-v2': ['rx/2', 'randomx/2'],
};

/**
 * Two version bytes, five of the time stamp, 32 of the previous block. Versions grow beyond a byte at 128 and
 * time stamps beyond five in the year 3058; miners everywhere write the nonce here, and pools count on it.
 */
export const NONCE_OFFSET = 39;
const NONCE_BYTES = 4;
const PREVIOUS_BLOCK_AT = 7;

/** What the native miner takes; hashing blobs have about 76 bytes. */
const MAX_BLOB_BYTES = 512;

export interface MoneroJob {
  readonly jobId: string;
  readonly blob: Uint8Array;
  /** Hex of the previous block's id. */
  readonly previous: string;
  readonly seed: Uint8Array;
  readonly nextSeed: Uint8Array | undefined;
  readonly target: bigint;
  readonly difficulty: number;
  /** As the pool calls it; undefined where it says nothing. */
  readonly algo: string | undefined;
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const TOP_WORD_SHIFT = 192n;

export const parseJob = (value: unknown): MoneroJob | undefined => {
  const { job_id, blob: blobText, target: targetText, seed_hash, next_seed_hash, algo } = recordOf(value);
  const jobId = parseName(job_id);
  const blob = parseBytes(blobText);
  const decoded = decodeTarget(parseBytes(targetText) ?? new Uint8Array());
  const seed = parseHash32(seed_hash);
  if (jobId === undefined || decoded === undefined || seed === undefined) return undefined;
  if (blob === undefined || blob.length < NONCE_OFFSET + NONCE_BYTES || blob.length > MAX_BLOB_BYTES)
    return undefined;
  return {
    jobId,
    blob,
    previous: blob.toString('hex', PREVIOUS_BLOCK_AT, NONCE_OFFSET),
    seed,
    // Empty text where the pool knows of none yet.
    nextSeed: parseHash32(next_seed_hash),
    // The top 64 bits have to be below the pool's number.
    target: (decoded.target64 << TOP_WORD_SHIFT) - 1n,
    difficulty: Number(decoded.difficulty),
    algo: typeof algo === 'string' ? cleanText(algo) : undefined,
  };
};

export interface MoneroLogin {
  readonly sessionId: string;
  /** Unparsed; undefined where the pool gives one later. */
  readonly job: unknown;
  /** Undefined where the pool lists none, which says nothing of what it can do. */
  readonly extensions: readonly unknown[] | undefined;
}

export const parseLogin = (result: unknown): MoneroLogin | undefined => {
  const { id, job, extensions } = recordOf(result);
  const sessionId = parseName(id);
  if (sessionId === undefined) return undefined;
  return {
    sessionId,
    job: job ?? undefined,
    extensions: Array.isArray(extensions) ? (extensions as unknown[]) : undefined,
  };
};
