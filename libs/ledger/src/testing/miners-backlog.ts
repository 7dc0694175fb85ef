/** Full batches of a pool with many miners, for benchmarks: any of a long log at once, the same in each run. */
import { HEADER_BYTES, MAX_RECORDS, RECORD_BYTES } from '@otedama/contracts';
import { createBatch } from './index.ts';

export interface MinersBacklogOptions {
  readonly miners: number;
  /** Of each share. */
  readonly work: bigint;
  readonly nowMs: number;
}

const PATTERNS = 1_024;
const BATCH_ID_AT = 16;
const CLOSED_AT = 8;
/** Middle of the proof-of-work hash within a record. */
const PROOF_AT = 140;

/** The batch of a position: its miners at random, each miner in some pattern; an id and proofs of its own. */
export const createMinersBacklog = ({ miners, work, nowMs }: MinersBacklogOptions) => {
  let state = 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const nameOf = (number: number): string => `bc1q${String(number).padStart(38, 'a')}`;
  let next = 0;
  const patterns = Array.from({ length: PATTERNS }, () => {
    const shares = Array.from({ length: MAX_RECORDS }, () => {
      // Everybody once, then whoever comes.
      const number = next < miners ? next++ : draw(miners);
      return { address: nameOf(number), worker: 'rig', work };
    });
    return createBatch({ poolId: 'bench', closedAtMs: nowMs, shares });
  });
  return (sequence: number): Buffer => {
    const bytes = Buffer.from(patterns[draw(PATTERNS)] ?? Buffer.alloc(0));
    bytes.writeUInt32LE(sequence, BATCH_ID_AT);
    bytes.writeBigUInt64LE(BigInt(nowMs), CLOSED_AT);
    for (let i = 0; i < MAX_RECORDS; i++) {
      const at = HEADER_BYTES + i * RECORD_BYTES + PROOF_AT;
      const share = sequence * MAX_RECORDS + i;
      bytes.writeUInt32LE(Math.imul(share, 0x9e3779b1) >>> 0, at);
      bytes.writeUInt32LE(share >>> 0, at + 4);
    }
    return bytes;
  };
};
