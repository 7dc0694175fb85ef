/** For tests: a template that monerod really gave, as a pool would hand it to its gateways. */
import { type TemplateParts, describeTemplate, fromHex, hashingBlob } from '@otedama/cryptonote';
import { vectorsOf } from '@otedama/stratum/testing';
import type { WorkTemplate } from '../jobs/work.ts';

interface Recorded {
  readonly template: {
    readonly blocktemplate_blob: string;
    readonly blockhashing_blob: string;
    readonly reserved_offset: number;
    readonly seed_hash: string;
  };
}

const [recorded] = vectorsOf('randomx')<Recorded>('block-template');
if (recorded === undefined) throw new Error('no template');

/** What the daemon says is hashed while the reserved bytes are zero. */
export const daemonBlob = recorded.template.blockhashing_blob;

const parts = describeTemplate({
  blob: fromHex(recorded.template.blocktemplate_blob),
  reservedOffset: recorded.template.reserved_offset,
  extraNonceBytes: 16,
});

const { timestamp: _timestamp, rewardAtomic: _reward, ...shown } = parts;

export const template = (over: Partial<WorkTemplate> = {}): WorkTemplate => ({
  ...shown,
  jobKey: 0x1a,
  networkTarget: (1n << 220n) - 1n,
  cleanJobs: true,
  seedHash: fromHex(recorded.template.seed_hash),
  nextSeedHash: undefined,
  ...over,
});

export const blobOf = (from: WorkTemplate, extraNonce: Uint8Array): Uint8Array => {
  const whole: TemplateParts = { ...from, timestamp: 0, rewardAtomic: 0n };
  return hashingBlob(whole, extraNonce);
};
