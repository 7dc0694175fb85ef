import { foldMerkle, serializeHeader, sha256d, txidOf } from '@otedama/bitcoin-family';
import { targetFromLe } from '@otedama/chain-params';
import { HEADER_BYTES, RECORD_BYTES, ShareBatchView, type ShareRecord, Verdict } from '@otedama/contracts';
import type { ShareVerifier, VerifierJob } from '../shares/share-verifier.ts';

/** Offsets within a record, as libs/contracts documents them. */
const VERDICT = 7;
const TARGET = 64;
const POW_HASH = 128;
const BLOCK_HASH = 160;

const branchOf = (bytes: Buffer): Uint8Array[] =>
  Array.from({ length: bytes.length / 32 }, (_, level) => bytes.subarray(level * 32, level * 32 + 32));

/** The native verifier's rules for SHA256d in plain words: network target first, then the share's. */
export class JsVerifier implements ShareVerifier {
  readonly jobs = new Map<number, VerifierJob>();
  calls = 0;
  duringVerify: () => Promise<void> = () => Promise.resolve();

  addJob(jobKey: number, job: VerifierJob): void {
    this.jobs.set(jobKey, job);
  }

  removeJob(jobKey: number): void {
    this.jobs.delete(jobKey);
  }

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

  #judge(jobs: ReadonlyMap<number, VerifierJob>, share: ShareRecord, batch: Buffer, at: number): Verdict {
    const job = jobs.get(share.jobKey);
    if (job === undefined) return Verdict.unknownJob;
    const hash = headerHash(job, share);
    hash.forEach((byte, i) => {
      batch[at + POW_HASH + i] = byte;
      batch[at + BLOCK_HASH + i] = byte;
    });
    const value = targetFromLe(hash);
    const meetsShare = value <= targetFromLe(batch.subarray(at + TARGET, at + TARGET + 32));
    if (value <= targetFromLe(job.networkTarget))
      return meetsShare ? Verdict.candidate : Verdict.candidateOnly;
    return meetsShare ? Verdict.accepted : Verdict.lowDifficulty;
  }
}

export type HeaderShare = Pick<ShareRecord, 'extranonce' | 'version' | 'nTime' | 'nonce'>;

export const headerHash = (
  job: Pick<VerifierJob, 'coinbasePrefix' | 'coinbaseSuffix' | 'merkleBranch' | 'prevHash' | 'bits'>,
  share: HeaderShare,
): Uint8Array =>
  sha256d(
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
    }),
  );
