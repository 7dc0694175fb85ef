/** Recorded jobs and shares of real pools: what a miner does with a job, done with this library. */
import { readFileSync } from 'node:fs';

import { bitsToTarget, targetFromLe, targetToDifficulty } from '@otedama/chain-params';

import { foldMerkle, fromStratumPrevHash, serializeHeader, sha256d, toDisplay, txidOf } from './index.ts';
import { parseTransaction } from './testing/parse-block.ts';

const load = <T>(kind: string): T[] => {
  const url = new URL('../../../test/vectors/stratum-v1.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: { kind: string }[] };
  return cases.filter((one) => one.kind === kind) as T[];
};

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');
const number = (text: string): number => Number.parseInt(text, 16);

/** Height as BIP34 has it in the coinbase script. */
const coinbaseHeight = (script: Uint8Array): number => Buffer.from(script).readUIntLE(1, script[0] ?? 0);

type Notify = [
  job: string,
  prevHash: string,
  coinbase1: string,
  coinbase2: string,
  branch: string[],
  version: string,
  bits: string,
  time: string,
  clean: boolean,
];

interface ShareCase {
  readonly id: string;
  readonly notify: { readonly params: Notify };
  readonly extranonce1: string;
  readonly submit: { readonly params: readonly [string, string, string, string, string, string?] };
  readonly version_mask?: string;
  readonly expect: {
    readonly coinbase: string;
    readonly coinbase_hash: string;
    readonly merkle_root: string;
    readonly version: string;
    readonly header: string;
    readonly hash: string;
    readonly difficulty: number;
    readonly meets_nbits: boolean;
    readonly coinbase_height: number;
  };
}

describe('shares', () => {
  const cases = load<ShareCase>('share');

  it('has its vectors', () => expect(cases).toHaveLength(3));

  it.each(cases)('$id', ({ notify, extranonce1, submit, version_mask = '0', expect: expected }) => {
    const [, prevHash, coinbase1, coinbase2, branch, jobVersion, bits] = notify.params;
    const [, , extranonce2, time, nonce, rolled = '0'] = submit.params;
    const coinbase = bytes(coinbase1 + extranonce1 + extranonce2 + coinbase2);
    expect(hex(coinbase)).toBe(expected.coinbase);
    expect(hex(txidOf(coinbase))).toBe(expected.coinbase_hash);
    const root = foldMerkle(txidOf(coinbase), branch.map(bytes));
    expect(hex(root)).toBe(expected.merkle_root);
    const mask = number(version_mask);
    const header = serializeHeader({
      version: ((number(jobVersion) & ~mask) | (number(rolled) & mask)) >>> 0,
      prevHash: fromStratumPrevHash(prevHash),
      merkleRoot: root,
      time: number(time),
      bits: number(bits),
      nonce: number(nonce),
    });
    expect(hex(header)).toBe(expected.header);
    const hash = sha256d(header);
    expect(toDisplay(hash)).toBe(expected.hash);
    const difficulty = targetToDifficulty('sha256d', targetFromLe(hash));
    expect(Math.abs(difficulty / expected.difficulty - 1)).toBeLessThan(1e-12);
    expect(targetFromLe(hash) <= (bitsToTarget(number(bits)) ?? 0n)).toBe(expected.meets_nbits);
    const [input] = parseTransaction(coinbase).inputs;
    expect(coinbaseHeight(input?.script ?? new Uint8Array())).toBe(expected.coinbase_height);
  });
});

interface PoolJobCase {
  readonly id: string;
  readonly notify_params: Notify;
  readonly extranonce1: string;
  readonly extranonce2_size: number;
  readonly expect: {
    readonly height: number;
    readonly prev_hash: string;
    readonly coinbase_with_zero_extranonce2: string;
    readonly coinbase_hash: string;
    readonly merkle_root: string;
    readonly header_without_nonce: string;
    readonly output_total: number;
    readonly witness_commitment: string;
    readonly output_count: number;
  };
}

describe('jobs of other pools', () => {
  const cases = load<PoolJobCase>('pool-job');

  it('has its vectors', () => expect(cases).toHaveLength(7));

  it.each(cases)('$id', ({ notify_params: params, extranonce1, extranonce2_size, expect: expected }) => {
    const [, prevHash, coinbase1, coinbase2, branch, version, bits, time] = params;
    const coinbase = bytes(`${coinbase1}${extranonce1}${'00'.repeat(extranonce2_size)}${coinbase2}`);
    expect(hex(coinbase)).toBe(expected.coinbase_with_zero_extranonce2);
    expect(hex(txidOf(coinbase))).toBe(expected.coinbase_hash);
    expect(toDisplay(fromStratumPrevHash(prevHash))).toBe(expected.prev_hash);
    const root = foldMerkle(txidOf(coinbase), branch.map(bytes));
    expect(hex(root)).toBe(expected.merkle_root);
    const header = serializeHeader({
      version: number(version),
      prevHash: fromStratumPrevHash(prevHash),
      merkleRoot: root,
      time: number(time),
      bits: number(bits),
      nonce: 0,
    });
    expect(hex(header.subarray(0, 76))).toBe(expected.header_without_nonce);
    const { inputs, outputs } = parseTransaction(coinbase);
    expect(coinbaseHeight(inputs[0]?.script ?? new Uint8Array())).toBe(expected.height);
    expect(outputs).toHaveLength(expected.output_count);
    expect(outputs.reduce((sum, { value }) => sum + value, 0n)).toBe(BigInt(expected.output_total));
    expect(outputs.map(({ script }) => hex(script))).toContain(`6a24aa21a9ed${expected.witness_commitment}`);
  });
});

interface CoinbaseCase {
  readonly id: string;
  readonly coinb1: string;
  readonly coinb2: string;
  readonly extranonce1: string;
  readonly extranonce2: string;
  readonly coinbase: string;
  readonly coinbase_hash: string;
}

describe('coinbase from its parts', () => {
  const cases = load<CoinbaseCase>('coinbase');

  it('has its vectors', () => expect(cases).toHaveLength(1));

  it.each(cases)('$id', (one) => {
    const coinbase = bytes(one.coinb1 + one.extranonce1 + one.extranonce2 + one.coinb2);
    expect(hex(coinbase)).toBe(one.coinbase);
    expect(hex(txidOf(coinbase))).toBe(one.coinbase_hash);
  });
});
