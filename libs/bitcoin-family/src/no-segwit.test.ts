/**
 * Chains without segregated witness, from the daemon's template to the block: Bitcoin Cash, whose transactions
 * come in the order of their ids, and Dogecoin. The transactions are those of recorded Bitcoin blocks.
 */
import { readFileSync } from 'node:fs';

import { type BitcoinCoin, findCoin } from '@otedama/chain-params';

import {
  assembleBlock,
  buildCoinbase,
  foldMerkle,
  merkleBranch,
  parseBlockTemplate,
  serializeHeader,
  toDisplay,
  txidOf,
} from './index.ts';
import { type ParsedTransaction, parseBlock } from './testing/parse-block.ts';

interface BlockCase {
  readonly id: string;
  readonly kind: string;
  readonly tx_count: number;
  readonly block?: string;
  readonly witness?: unknown;
}

const url = new URL('../../../test/vectors/sha256d.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: BlockCase[] };
const recorded = cases.flatMap(({ id, kind, tx_count, block, witness }) =>
  kind === 'block' && tx_count > 1 && witness === undefined && block !== undefined ? [{ id, block }] : [],
);

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

const coin = (id: string): BitcoinCoin => {
  const found = findCoin(id, 'mainnet');
  if (found?.family !== 'bitcoin') throw new Error(`no coin ${id}`);
  return found;
};

const common = {
  previousblockhash: '00000000000000000103a6a3b3d2cc8a3a25a3b0cbcd3f1c4e7ae3d58b5ac8f1',
  coinbaseaux: { flags: '' },
  longpollid: '00000000000000000103a6a3b3d2cc8a3a25a3b0cbcd3f1c4e7ae3d58b5ac8f18421',
  mintime: 1_700_000_000,
  mutable: ['time', 'transactions', 'prevblock'],
  noncerange: '00000000ffffffff',
  curtime: 1_700_000_600,
};

/** As Bitcoin Cash Node answers: no `rules`, no `default_witness_commitment`, `sigchecks` in place of `sigops`. */
const bitcoinCash = (transactions: readonly object[]): object => ({
  ...common,
  capabilities: ['proposal'],
  version: 0x20000000,
  transactions: transactions.map((one) => ({ ...one, depends: [], sigchecks: 1 })),
  coinbasevalue: 312_512_345,
  sigchecklimit: 226_950,
  sizelimit: 32_000_000,
  target: '000000000000000001adf2000000000000000000000000000000000000000000',
  bits: '1801adf2',
  height: 890_000,
});

/** As Dogecoin Core answers: the rules of Bitcoin Core 0.14, and its chain id in the version. */
const dogecoin = (transactions: readonly object[]): object => ({
  ...common,
  capabilities: ['proposal'],
  version: 0x0062_0004,
  rules: ['csv'],
  vbavailable: {},
  vbrequired: 0,
  transactions: transactions.map((one) => ({ ...one, depends: [], sigops: 1 })),
  coinbasevalue: 1_000_012_345_678,
  sigoplimit: 20_000,
  sizelimit: 1_000_000,
  target: '0000000000000031948000000000000000000000000000000000000000000000',
  bits: '1a319480',
  height: 5_000_000,
});

const byId = (a: ParsedTransaction, b: ParsedTransaction): number =>
  toDisplay(txidOf(a.legacy)) < toDisplay(txidOf(b.legacy)) ? -1 : 1;

const solve = (answer: object): { block: string; value: bigint; commitment: unknown } => {
  const parsed = parseBlockTemplate(answer);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { template } = parsed;
  const { prefix, suffix } = buildCoinbase({
    height: template.height,
    valueAtomic: template.coinbaseValueAtomic,
    payoutScript: bytes(`76a914${'aa'.repeat(20)}88ac`),
    tag: Buffer.from('/otedama/'),
    flags: template.coinbaseFlags,
    uniqueTag: bytes('0102030405060708'),
    extranonceSize: 12,
    witnessCommitment: template.witnessCommitment,
  });
  const coinbase = Buffer.concat([prefix, new Uint8Array(12), suffix]);
  const branch = merkleBranch(template.transactions.map(({ txid }) => txid));
  const header = serializeHeader({
    version: template.version,
    prevHash: template.previousBlockHash,
    merkleRoot: foldMerkle(txidOf(coinbase), branch),
    time: template.currentTime,
    bits: template.bits,
    nonce: 1,
  });
  const block = assembleBlock({ template, header, coinbase });
  return { block, value: template.coinbaseValueAtomic, commitment: template.witnessCommitment };
};

/** Of all leaves, level by level: not by way of a branch, as the code under test does it. */
const plainRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  let level = leaves;
  while (level.length > 1) {
    const pairs: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      pairs.push(txidOf(Buffer.concat([level[i] ?? [], level[i + 1] ?? level[i] ?? []].map(Buffer.from))));
    }
    level = pairs;
  }
  return level[0] ?? new Uint8Array();
};

describe.each([
  ['bitcoin-cash', bitcoinCash, 312_512_345n],
  ['dogecoin', dogecoin, 1_000_012_345_678n],
])('%s', (id, answer, value) => {
  it('is asked for a template without rules', () => expect(coin(id).gbtRules).toEqual([]));

  it('has its vectors', () => expect(recorded).toHaveLength(10));

  it.each(recorded)('with the transactions of $id: a block without witness', ({ block: source }) => {
    const [, ...others] = parseBlock(bytes(source)).transactions;
    const transactions = id === 'bitcoin-cash' ? others.toSorted(byId) : others;
    const raws = transactions.map(({ raw }) => hex(raw));
    const solved = solve(
      answer(
        transactions.map(({ raw, legacy }) => {
          const txid = toDisplay(txidOf(legacy));
          return { data: hex(raw), txid, hash: txid, fee: 0 };
        }),
      ),
    );
    expect(solved.commitment).toBeUndefined();
    const { header, transactions: found, rest } = parseBlock(bytes(solved.block));
    expect(rest).toHaveLength(0);
    const [coinbase, ...behind] = found;
    expect(behind.map(({ raw }) => hex(raw))).toEqual(raws);
    expect(coinbase?.witness).toBeUndefined();
    expect(coinbase?.outputs.map((output) => output.value)).toEqual([value]);
    expect(hex(header.subarray(36, 68))).toBe(hex(plainRoot(found.map(({ legacy }) => txidOf(legacy)))));
  });

  it('ignores a witness commitment that nobody asked for', () => {
    const offered = { ...answer([]), default_witness_commitment: `6a24aa21a9ed${'cc'.repeat(32)}` };
    expect(solve(offered).commitment).toBeUndefined();
  });
});

it('takes as many transactions as a block of 32 MB holds, and no more', () => {
  const transaction = { data: '00', txid: '11'.repeat(32) };
  const many = Array.from({ length: 100_000 }, () => transaction);
  expect(parseBlockTemplate({ ...bitcoinCash([]), transactions: many })).toMatchObject({ ok: true });
  const tooMany = Array.from({ length: 500_001 });
  const refused = parseBlockTemplate({ ...bitcoinCash([]), transactions: tooMany });
  expect(refused.ok ? '' : refused.reason).toMatch(/at most 500000/);
});
