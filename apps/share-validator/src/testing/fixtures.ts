import { sha256d, toDisplay } from '@otedama/bitcoin-family';
import {
  type BitcoinCoin,
  bitsToTarget,
  type HeaderAlgorithm,
  findCoin,
  targetFromLe,
  targetToLe,
  workOfTarget,
} from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import { type BitcoinTemplate, isStopped, ShareBatchBuilder, type TemplateUpdate } from '@otedama/contracts';
import type { BlockCandidate } from '../blocks/candidate.ts';
import { headerOf, proofs } from './js-verifier.ts';

const coin = findCoin('bitcoin', 'regtest');
if (coin === undefined) throw new Error('no regtest');
export const REGTEST = coin;

/** BIP173's example program, as regtest writes it. */
export const PAYOUT = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
export const REGTEST_BITS = '207fffff';
export const REGTEST_TARGET = bitsToTarget(0x207fffff) ?? 0n;

/** What a regtest daemon puts into a template beside the tip. */
export const TEMPLATE_EXTRA = {
  version: 0x20000000,
  transactions: [],
  coinbasevalue: 5_000_000_000,
  bits: REGTEST_BITS,
  curtime: 1_700_000_100,
  mintime: 1_700_000_000,
  rules: ['csv', '!segwit'],
};

/** A pool of Bitcoin on regtest. */
export type TestPool = PoolConfig & { readonly coin: BitcoinCoin };

export const poolConfig = (over: Partial<TestPool> = {}): TestPool => ({
  id: 'p1',
  coin: REGTEST,
  payoutAddress: PAYOUT,
  scheme: 'solo',
  window: { kind: 'work', networkBlocks: 1 },
  feeBasisPoints: 0,
  splits: [],
  bankroll: { ruinProbability: 0.001, floorAtomic: 0n },
  daemons: [],
  mergedChains: [],
  profiles: [],
  coinbaseTag: '/test/',
  stratum: { listen: { host: '127.0.0.1', port: 0 }, tls: undefined, allowPlain: false },
  ...over,
});

export const templateOf = (update: TemplateUpdate | undefined): BitcoinTemplate => {
  if (update === undefined || isStopped(update)) throw new Error(`no template: ${JSON.stringify(update)}`);
  if (update.family !== 'bitcoin') throw new Error(`a template of ${update.family}`);
  return update;
};

export interface BatchOptions {
  readonly work?: bigint;
  readonly batchId?: number;
  readonly shares?: number;
  /** Only nonces whose hash meets the network target (true) or misses it (false). */
  readonly candidates?: boolean;
  /** Only nonces with such a proof-of-work hash, as a number; in place of `candidates`. */
  readonly accept?: (powHash: bigint) => boolean;
  readonly algorithm?: HeaderAlgorithm;
  readonly address?: string;
}

const asBuffers = (template: BitcoinTemplate) => ({
  coinbasePrefix: Buffer.from(template.coinbasePrefix),
  coinbaseSuffix: Buffer.from(template.coinbaseSuffix),
  merkleBranch: Buffer.concat(template.merkleBranch),
  prevHash: Buffer.from(template.prevHash),
  bits: template.bits,
});

/** A batch mined on a template: each share meets its target, and the network's or not as asked. */
export const mineBatch = (template: BitcoinTemplate, options: BatchOptions = {}): Buffer => {
  const {
    batchId = 1,
    shares = 1,
    candidates = true,
    address = PAYOUT,
    algorithm = 'sha256d',
    work = 1n,
  } = options;
  const accept = options.accept ?? ((powHash) => powHash <= template.networkTarget === candidates);
  const builder = new ShareBatchBuilder(template.poolId);
  const extranonce = Buffer.alloc(template.extranonceSize, batchId);
  const job = asBuffers(template);
  for (let nonce = 0; builder.count < shares; nonce++) {
    const share = { extranonce, version: template.version, nTime: template.time, nonce };
    if (!accept(targetFromLe(proofs[algorithm](headerOf(job, share))))) continue;
    builder.add({
      ...share,
      jobKey: template.jobKey,
      address,
      worker: 'rig',
      targetLe: targetToLe((1n << 256n) - 1n),
      work,
      receivedAtMs: 1_700_000_000_000 + nonce,
      connectionSlot: 1,
      requestSlot: nonce,
    });
  }
  return builder.close(Buffer.alloc(16, batchId), 1_700_000_000_000);
};

/** A candidate whose block is a header and an empty transaction list: enough for everything but a real daemon. */
export const fakeCandidate = (seed: number, prevHash = 'aa'.repeat(32)): BlockCandidate => {
  const header = Buffer.alloc(80, seed);
  const builder = new ShareBatchBuilder('p1');
  builder.tallyRejected(PAYOUT, 'rig', 1);
  const batchId = Buffer.alloc(16, seed);
  return {
    submission: `${header.toString('hex')}00`,
    batch: builder.close(batchId, 1_700_000_000_000),
    facts: {
      poolId: 'p1',
      coin: 'bitcoin',
      height: 10,
      hash: toDisplay(sha256d(header)),
      prevHash,
      coinbaseTxid: 'bb'.repeat(32),
      rewardAtomic: '5000000000',
      networkWork: workOfTarget(REGTEST_TARGET).toString(),
      address: PAYOUT,
      worker: 'rig',
      batchId: batchId.toString('hex'),
      foundAtMs: 1_700_000_000_000,
    },
  };
};
