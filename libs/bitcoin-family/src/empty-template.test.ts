import { readFileSync } from 'node:fs';

import { type BitcoinCoin, findCoin } from '@otedama/chain-params';

import {
  type BlockTemplate,
  nextEmptyTemplate,
  parseBlockTemplate,
  serializeHeader,
  sha256d,
  subsidyAt,
} from './index.ts';

interface Case {
  readonly kind: string;
  readonly id: string;
  readonly template: unknown;
}

const url = new URL('../../../test/vectors/sha256d.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: Case[] };

const template = (changes: object): BlockTemplate => {
  const { template: raw } = cases.find(({ id }) => id === 'gbt-regtest-one-txn') ?? { template: {} };
  const parsed = parseBlockTemplate({ ...(raw as object), ...changes });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.template;
};

const coin = (id: BitcoinCoin['id'], network: string): BitcoinCoin => {
  const found = findCoin(id, network);
  if (found === undefined) throw new Error(`no coin ${id} ${network}`);
  return found;
};

const regtest = coin('bitcoin', 'regtest');
const previous = template({});

const tip = (changes: object = {}): Uint8Array =>
  serializeHeader({
    version: 0x20000000,
    prevHash: previous.previousBlockHash,
    merkleRoot: new Uint8Array(32),
    time: 1_747_976_900,
    bits: previous.bits,
    nonce: 1,
    ...changes,
  });

describe('the block after a new tip', () => {
  it('has no transactions, and takes the rest from the block before', () => {
    const tipHeader = tip();
    const next = nextEmptyTemplate({ coin: regtest, previous, tipHeader, nowSeconds: 1_747_976_950 });
    expect(next).toMatchObject({
      version: previous.version,
      bits: previous.bits,
      target: previous.target,
      rules: previous.rules,
      transactions: [],
      height: 506,
      // The third halving of regtest was at 450.
      coinbaseValueAtomic: 625_000_000n,
      minTime: 1_747_976_901,
      currentTime: 1_747_976_950,
      longPollId: undefined,
    });
    expect(next?.previousBlockHash).toEqual(sha256d(tipHeader));
  });

  it('commits to no witness the way a daemon does', () => {
    const signet = cases.find(({ id }) => id === 'gbt-signet-empty')?.template as Record<string, string>;
    const next = nextEmptyTemplate({ coin: regtest, previous, tipHeader: tip(), nowSeconds: 0 });
    const commitment = Buffer.from(next?.witnessCommitment ?? []).toString('hex');
    expect(commitment).toBe(signet['default_witness_commitment']);
    const before = template({ rules: [] });
    const plain = nextEmptyTemplate({ coin: regtest, previous: before, tipHeader: tip(), nowSeconds: 0 });
    expect(plain?.witnessCommitment).toBeUndefined();
  });

  it('starts after the tip even when our clock is behind', () => {
    const next = nextEmptyTemplate({ coin: regtest, previous, tipHeader: tip(), nowSeconds: 5 });
    expect(next?.currentTime).toBe(1_747_976_901);
  });

  it.each([
    ['where target and rules may change at any block', coin('bitcoin', 'testnet'), previous, tip()],
    ['for Litecoin, whose blocks only the node can finish', coin('litecoin', 'mainnet'), previous, tip()],
    ['at the start of a period', regtest, template({ height: 575 }), tip()],
    ['on a tip with another parent', regtest, previous, tip({ prevHash: new Uint8Array(32) })],
    ['on a tip with another target', regtest, previous, tip({ bits: 0x207ffffe })],
  ])('is left to the daemon %s', (_, chain, before, tipHeader) => {
    expect(nextEmptyTemplate({ coin: chain, previous: before, tipHeader, nowSeconds: 0 })).toBeUndefined();
  });
});

describe('the subsidy', () => {
  it.each([
    ['mainnet', 0, 5_000_000_000n],
    ['mainnet', 209_999, 5_000_000_000n],
    ['mainnet', 210_000, 2_500_000_000n],
    ['mainnet', 840_000, 312_500_000n],
    ['mainnet', 6_929_999, 1n],
    ['mainnet', 6_930_000, 0n],
    ['regtest', 150, 2_500_000_000n],
    ['playground', 300, 5_000_000_000n],
  ])('%s at %d', (network, height, expected) => {
    expect(subsidyAt(coin('bitcoin', network), height)).toBe(expected);
  });

  it('of Litecoin is four times as slow', () => {
    expect(subsidyAt(coin('litecoin', 'mainnet'), 2_273_263)).toBe(1_250_000_000n);
  });
});
