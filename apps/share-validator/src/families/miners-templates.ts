/**
 * The templates that miners in self-select brought for one job. Of an accepted one only the block itself is
 * kept, by its session's extra nonce: a block of it needs nothing else.
 */
import { parseAddress } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import {
  type BlockTemplate,
  type MinerTemplateFault,
  type WalletView,
  judgeMinerTemplate,
  parseBlock,
  parseViewKey,
  toHex,
  withNonce,
} from '@otedama/cryptonote';
import type { Adoption } from '../templates/job.ts';
import { blobTemplateOf } from './blob-template.ts';

/** Sessions in self-select of one pool; the native verifier has room for as many. */
const MAX_TEMPLATES = 4096;
/** A template has some kilobytes: far more than so many sessions bring, and all that those can who mean ill. */
const MAX_TEMPLATE_BYTES = 16 * 1024 * 1024;

const REASONS: Readonly<Record<MinerTemplateFault, string>> = {
  malformed: 'it is not a whole block',
  'wrong-version': 'its version is not that of the next block',
  'wrong-height': 'its miner transaction is of another height',
  'wrong-previous-block': 'it builds on another block',
  'wrong-time': 'its time is more than half an hour from the time here',
  'invalid-miner-tx': 'its miner transaction is not one that monerod makes',
  'reward-too-small': 'its reward is less than every block earns',
  'missing-extra-nonce': 'the extra nonce of the job is not in its place',
  'wrong-payee': "its reward does not go to the pool's wallet",
};

/** What can tell the pool's own outputs, where the pool has been given it. */
export const walletViewOf = ({
  coin,
  payoutAddress,
  viewKey,
}: Pick<PoolConfig, 'coin' | 'payoutAddress' | 'viewKey'>): WalletView | undefined => {
  const viewSecret = viewKey === undefined ? undefined : parseViewKey(viewKey.reveal());
  const address = parseAddress(coin, payoutAddress);
  if (viewSecret === undefined || !address.ok || !('spendPublicKey' in address)) return undefined;
  return { viewSecret, spendPublicKey: address.spendPublicKey };
};

export interface MinersTemplates {
  adopt(extraNonce: Uint8Array, blob: Uint8Array): Adoption;
  /** The block of an accepted template. */
  blockOf(extraNonce: Uint8Array, nonce: Uint8Array): Uint8Array | undefined;
}

export interface TemplateTerms {
  /** Undefined: nobody can say whom a template pays. */
  readonly payee: WalletView | undefined;
  readonly leastRewardAtomic: bigint;
}

export const createMinersTemplates = (
  { parts }: BlockTemplate,
  { payee, leastRewardAtomic }: TemplateTerms,
): MinersTemplates => {
  const { height, prevId, majorVersion, timestamp } = parts;
  const blobs = new Map<string, Uint8Array>();
  let bytes = 0;
  return {
    adopt(extraNonce, blob) {
      if (payee === undefined) return { ok: false, reason: 'this pool takes none' };
      const rules = { height, prevId, majorVersion, timestamp, extraNonce, leastRewardAtomic, payee };
      const verdict = judgeMinerTemplate(blob, rules);
      if (!verdict.ok) return { ok: false, reason: REASONS[verdict.fault] };
      const key = toHex(extraNonce);
      const growth = blob.length - (blobs.get(key)?.length ?? 0);
      if ((blobs.size >= MAX_TEMPLATES && !blobs.has(key)) || bytes + growth > MAX_TEMPLATE_BYTES) {
        return { ok: false, reason: 'the pool has no room for another one' };
      }
      bytes += growth;
      blobs.set(key, blob.slice());
      return { ok: true, template: blobTemplateOf(verdict.parts) };
    },
    blockOf(extraNonce, nonce) {
      const blob = blobs.get(toHex(extraNonce));
      return blob === undefined ? undefined : withNonce(blob, parseBlock(blob).header.nonceOffset, nonce);
    },
  };
};
