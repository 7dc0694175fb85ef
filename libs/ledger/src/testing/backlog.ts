/** A day of shares as a pool's log has them, for benchmarks: what accounting has to catch up with. */
import { randomBytes } from 'node:crypto';
import { HEADER_BYTES, RECORD_BYTES } from '@otedama/contracts';
import { createBatch } from './index.ts';

export interface BacklogBatch {
  readonly id: Buffer;
  readonly bytes: Buffer;
  /** Shares in it. */
  readonly count: number;
}

const WORKERS = 5_000;
const WORKERS_AT_ONCE = 256;
const SMALLEST = 64;
const LARGEST = 256;
const DAY_MS = 86_400_000;
const PATTERNS = 512;
const COUNT_AT = 6;
const BATCH_ID_AT = 16;
const CLOSED_AT = 8;
/** Middle of the proof-of-work hash within a record. */
const PROOF_AT = 140;

/**
 * Gives batches of 64 to 256 shares, closed over the day before `nowMs`, until there are `wanted` shares; the
 * same numbers in each run, each batch with an id, a time and proofs of its own.
 */
export const createBacklog = (wanted: number, nowMs: number): (() => BacklogBatch | undefined) => {
  let state = 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const createPattern = (): Buffer => {
    const first = draw(WORKERS);
    const shares = Array.from({ length: SMALLEST + draw(LARGEST - SMALLEST + 1) }, () => {
      const number = (first + draw(WORKERS_AT_ONCE)) % WORKERS;
      return {
        address: `bc1q${String(number % 1_000).padStart(38, 'a')}`,
        worker: `rig${Math.floor(number / 1_000)}`,
        work: 65_536n << BigInt(number % 8),
      };
    });
    return createBatch({ poolId: 'bench', closedAtMs: 0, shares });
  };
  const patterns = Array.from({ length: PATTERNS }, createPattern);
  let share = 0;
  return () => {
    if (share >= wanted) return undefined;
    const bytes = Buffer.from(patterns[draw(PATTERNS)] ?? Buffer.alloc(0));
    randomBytes(16).copy(bytes, BATCH_ID_AT);
    bytes.writeBigUInt64LE(BigInt(nowMs - DAY_MS + Math.floor((share / wanted) * DAY_MS)), CLOSED_AT);
    const count = bytes.readUInt16LE(COUNT_AT);
    for (let i = 0; i < count; i++) {
      share += 1;
      const at = HEADER_BYTES + i * RECORD_BYTES + PROOF_AT;
      bytes.writeUInt32LE(Math.imul(share, 0x9e3779b1) >>> 0, at);
      bytes.writeUInt32LE(Math.imul(share, 0x85ebca6b) >>> 0, at + 4);
    }
    return { id: bytes.subarray(BATCH_ID_AT, BATCH_ID_AT + 16), bytes, count };
  };
};
