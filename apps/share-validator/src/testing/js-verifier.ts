import { scryptSync } from 'node:crypto';
import { foldMerkle, serializeHeader, sha256d, txidOf } from '@otedama/bitcoin-family';
import { type HeaderAlgorithm, targetFromLe } from '@otedama/chain-params';
import { HEADER_BYTES, RECORD_BYTES, ShareBatchView, type ShareRecord, Verdict } from '@otedama/contracts';
import type { CoinbaseJob, ShareVerifier, VerifierJob } from '../shares/share-verifier.ts';

/** Offsets within a record, as libs/contracts documents them. */
const VERDICT = 7;
const TARGET = 64;
const POW_HASH = 128;
const BLOCK_HASH = 160;

const branchOf = (bytes: Buffer): Uint8Array[] =>
  Array.from({ length: bytes.length / 32 }, (_, level) => bytes.subarray(level * 32, level * 32 + 32));

/** The native verifier's rules in plain words: network target first, then the share's. */
export class JsVerifier implements ShareVerifier {
  readonly #algorithm: HeaderAlgorithm;
  readonly jobs = new Map<number, CoinbaseJob>();
  calls = 0;
  duringVerify: () => Promise<void> = () => Promise.resolve();

  constructor(algorithm: HeaderAlgorithm = 'sha256d') {
    this.#algorithm = algorithm;
  }

  addJob(jobKey: number, job: VerifierJob): void {
    if (!('coinbasePrefix' in job)) throw new Error('only jobs of the Bitcoin family');
    this.jobs.set(jobKey, job);
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  removeJob(jobKey: number): void {
    this.jobs.delete(jobKey);
  }

  adoptTemplate: ShareVerifier['adoptTemplate'] = () => {
    throw new Error('only jobs of the Bitcoin family');
  };

  async verifyBatch(batch: Buffer): Promise<{ candidates: number }> {
    this.calls++;
    const jobs = new Map(this.jobs);
    await this.duringVerify();
    const view = new ShareBatchView(batch);
    let candidates = 0;
    for (let index = 0; index < view.count; index++) {
      const at = HEADER_BYTES + index * RECORD_BYTES;
      const verdict = this.#judge(jobs, view.record(index), batch, at);
      batch[at + VERDICT] = verdict;
      if (verdict === Verdict.candidate || verdict === Verdict.candidateOnly) candidates++;
    }
    return { candidates };
  }

  #judge(jobs: ReadonlyMap<number, CoinbaseJob>, share: ShareRecord, batch: Buffer, at: number): Verdict {
    const job = jobs.get(share.jobKey);
    if (job === undefined) return Verdict.unknownJob;
    const header = headerOf(job, share);
    const powHash = proofs[this.#algorithm](header);
    batch.set(powHash, at + POW_HASH);
    batch.set(sha256d(header), at + BLOCK_HASH);
    const value = targetFromLe(powHash);
    const meetsShare = value <= targetFromLe(batch.subarray(at + TARGET, at + TARGET + 32));
    if (value <= targetFromLe(job.networkTarget))
      return meetsShare ? Verdict.candidate : Verdict.candidateOnly;
    return meetsShare ? Verdict.accepted : Verdict.lowDifficulty;
  }
}

export type HeaderShare = Pick<ShareRecord, 'extranonce' | 'version' | 'nTime' | 'nonce'>;

export type HeaderJob = Pick<
  CoinbaseJob,
  'coinbasePrefix' | 'coinbaseSuffix' | 'merkleBranch' | 'prevHash' | 'bits'
>;

/** Of 80 bytes; as hashed, a little-endian number. */
export const proofs: Readonly<Record<HeaderAlgorithm, (header: Uint8Array) => Uint8Array>> = {
  sha256d,
  scrypt: (header) => scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }),
};

export const headerOf = (job: HeaderJob, share: HeaderShare): Uint8Array =>
  serializeHeader({
    version: share.version,
    prevHash: job.prevHash,
    merkleRoot: foldMerkle(
      txidOf(Buffer.concat([job.coinbasePrefix, share.extranonce, job.coinbaseSuffix])),
      branchOf(job.merkleBranch),
    ),
    time: share.nTime,
    bits: job.bits,
    nonce: share.nonce,
  });
