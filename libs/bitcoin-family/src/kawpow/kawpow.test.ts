/** Ravencoin's recorded headers and block, and the sessions in which they were found. */
import { readFileSync } from 'node:fs';

import { type KawpowCoin, epochAt, epochSeed, findCoin } from '@otedama/chain-params';
import fc from 'fast-check';

import {
  type BlockTemplate,
  assembleKawpowBlock,
  buildFixedCoinbase,
  decodeKawpowHeader,
  foldMerkle,
  fromDisplay,
  kawpowHeaderHash,
  kawpowWork,
  merkleBranch,
  parseKawpowTemplate,
  serializeKawpowHeader,
  serializeKawpowInput,
  toDisplay,
  txidOf,
} from '../index.ts';
import { parseTransaction } from '../testing/parse-block.ts';

interface HeaderCase {
  readonly id: string;
  readonly kind: string;
  readonly height: number;
  readonly epoch: number;
  readonly seed_hash: string;
  readonly header: string;
  readonly version: number;
  readonly prev_hash: string;
  readonly merkle_root: string;
  readonly time: number;
  readonly bits: string;
  readonly nonce64: string;
  readonly mix_hash: string;
  readonly header_hash: string;
}

interface BlockCase extends HeaderCase {
  readonly coinbase: { readonly stripped: string };
  readonly witness: { readonly commitment: string };
  readonly block: string;
}

interface SessionCase {
  readonly id: string;
  readonly kind: string;
  readonly messages: readonly { readonly msg: { readonly method?: string; readonly params?: unknown[] } }[];
}

const load = <T>(file: string, kind: string): T[] => {
  const url = new URL(`../../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: { kind: string }[] };
  return cases.filter((one) => one.kind === kind) as T[];
};

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

const coin = (network: string): KawpowCoin => {
  const found = findCoin('ravencoin', network);
  if (found?.family !== 'kawpow') throw new Error(`no Ravencoin on ${network}`);
  return found;
};

const blocks = load<BlockCase>('kawpow', 'block');
const headers = [...load<HeaderCase>('kawpow', 'header'), ...blocks];

describe('recorded headers', () => {
  it('has its vectors', () => expect([headers.length, blocks.length]).toEqual([9 + 1, 1]));

  it.each(headers)('$id: written and read', (one) => {
    const input = {
      version: one.version,
      prevHash: fromDisplay(one.prev_hash),
      merkleRoot: fromDisplay(one.merkle_root),
      time: one.time,
      bits: Number.parseInt(one.bits, 16),
      height: one.height,
    };
    const solution = { nonce: BigInt(`0x${one.nonce64}`), mixHash: bytes(one.mix_hash) };
    const header = serializeKawpowHeader(serializeKawpowInput(input), solution);
    expect(hex(header)).toBe(one.header);
    expect(hex(kawpowHeaderHash(header.subarray(0, 80)))).toBe(one.header_hash);
    const decoded = decodeKawpowHeader(header);
    const plain = ({ prevHash, merkleRoot, mixHash, ...rest }: typeof decoded): object => ({
      ...rest,
      hashes: [prevHash, merkleRoot, mixHash].map(hex),
    });
    expect(plain(decoded)).toEqual(plain({ ...input, ...solution }));
  });
});

/** What Ravencoin Core answers: of rules it lists its own only, though segwit is active. */
const answer = (one: BlockCase): Record<string, unknown> => ({
  capabilities: ['proposal'],
  version: one.version,
  rules: ['assets', 'messaging_restricted', 'transfer_script', 'enforce_value', 'coinbase'],
  vbavailable: {},
  vbrequired: 0,
  previousblockhash: one.prev_hash,
  transactions: [],
  coinbaseaux: { flags: '' },
  coinbasevalue: 500_000_000_000,
  longpollid: `${one.prev_hash}12`,
  target: '00000002f9130000000000000000000000000000000000000000000000000000',
  mintime: one.time - 600,
  mutable: ['time', 'transactions', 'prevblock'],
  noncerange: '00000000ffffffff',
  sigoplimit: 80_000,
  sizelimit: 8_000_000,
  weightlimit: 8_000_000,
  curtime: one.time,
  bits: one.bits,
  height: one.height,
  default_witness_commitment: `6a24aa21a9ed${one.witness.commitment}`,
  pprpcheader: one.header_hash,
  pprpcepoch: one.epoch,
});

const testnet = coin('testnet');

const parse = (value: unknown): BlockTemplate => {
  const parsed = parseKawpowTemplate(testnet, value);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.template;
};

describe('a template of ravend', () => {
  it.each(blocks)('$id: becomes the work and the block that were recorded', (one) => {
    const template = parse(answer(one));
    const coinbase = bytes(one.coinbase.stripped);
    const { input, headerHash, epoch, seedHash } = kawpowWork(testnet, template, coinbase);
    expect(hex(headerHash)).toBe(one.header_hash);
    expect(epoch).toBe(one.epoch);
    expect(hex(seedHash)).toBe(one.seed_hash);
    const nonce = BigInt(`0x${one.nonce64}`);
    const block = assembleKawpowBlock({ template, input, coinbase, nonce, mixHash: bytes(one.mix_hash) });
    expect(block).toBe(one.block);
  });

  it('needs a witness commitment although it lists no segwit', () => {
    const one = blocks[0];
    if (one === undefined) throw new Error('there is a block');
    const transactions = [{ data: '00', txid: '11'.repeat(32), hash: '22'.repeat(32) }];
    const silent = { ...answer(one), transactions, default_witness_commitment: undefined };
    expect(parse(silent).witnessCommitment).toHaveLength(38);
  });

  it('is refused when its blocks would not be of KawPow', () => {
    const one = blocks[0];
    if (one === undefined) throw new Error('there is a block');
    const refusals = ['mainnet', 'regtest'].map((network) => parseKawpowTemplate(coin(network), answer(one)));
    const refusal = { ok: false, reason: 'block template: its time is before KawPow' };
    expect(refusals).toEqual([refusal, refusal]);
    expect(parseKawpowTemplate(testnet, { ...answer(one), bits: '' })).toMatchObject({ ok: false });
  });

  it('gives another job for another unique tag, with all transactions in the root', () => {
    const one = blocks[0];
    if (one === undefined) throw new Error('there is a block');
    const txids = ['11', '22', '33'].map((pair) => pair.repeat(32));
    const template = parse({ ...answer(one), transactions: txids.map((txid) => ({ data: '00', txid })) });
    const work = (tag: number): { root: string; expected: string; headerHash: string } => {
      const coinbase = buildFixedCoinbase({
        height: template.height,
        valueAtomic: template.coinbaseValueAtomic,
        payoutScript: bytes(`76a914${'aa'.repeat(20)}88ac`),
        tag: Buffer.from('/otedama/'),
        uniqueTag: Uint8Array.of(tag),
        witnessCommitment: template.witnessCommitment,
      });
      expect(parseTransaction(coinbase).outputs.map(({ value }) => value)).toEqual([500_000_000_000n, 0n]);
      const { input, headerHash } = kawpowWork(testnet, template, coinbase);
      const expected = foldMerkle(txidOf(coinbase), merkleBranch(txids.map(fromDisplay)));
      return {
        root: toDisplay(input.subarray(36, 68)),
        expected: toDisplay(expected),
        headerHash: hex(headerHash),
      };
    };
    expect(work(1).root).toBe(work(1).expected);
    expect(work(1).headerHash).not.toBe(work(2).headerHash);
  });
});

describe('recorded sessions', () => {
  const sessions = load<SessionCase>('kawpow-stratum', 'session').flatMap(({ id, messages }) => {
    const params = messages.find(({ msg }) => msg.method === 'mining.notify')?.msg.params;
    const header = headers.find(({ header_hash }) => header_hash === params?.[1]);
    return params === undefined || header === undefined ? [] : [{ id, params, header }];
  });

  it('has its vectors', () => expect(sessions).toHaveLength(3));

  it.each(sessions)('$id: header hash, seed and height of the job', ({ params, header: one }) => {
    const { height } = decodeKawpowHeader(bytes(one.header));
    const { epoch, seedRounds } = epochAt(testnet, height);
    expect(epoch).toBe(one.epoch);
    const headerHash = kawpowHeaderHash(bytes(one.header).subarray(0, 80));
    expect(params.slice(1, 3)).toEqual([hex(headerHash), hex(epochSeed(seedRounds))]);
    expect(params[5]).toBe(height);
  });
});

describe('headers that cannot be', () => {
  const input = new Uint8Array(80);
  const mixHash = new Uint8Array(32);
  it.each<[string, () => unknown, string]>([
    ['81 bytes hashed', () => kawpowHeaderHash(new Uint8Array(81)), 'HEADER_LENGTH'],
    [
      '79 bytes before the nonce',
      () => serializeKawpowHeader(new Uint8Array(79), { nonce: 0n, mixHash }),
      'HEADER_LENGTH',
    ],
    ['119 bytes read', () => decodeKawpowHeader(new Uint8Array(119)), 'HEADER_LENGTH'],
    ['a nonce of 65 bits', () => serializeKawpowHeader(input, { nonce: 1n << 64n, mixHash }), 'NONCE_RANGE'],
    ['a nonce below zero', () => serializeKawpowHeader(input, { nonce: -1n, mixHash }), 'NONCE_RANGE'],
    ['a short mix', () => serializeKawpowHeader(input, { nonce: 0n, mixHash: input }), 'HASH_FORM'],
  ])('%s', (_, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  it('any other is written and read back', () => {
    const header = fc.uint8Array({ minLength: 120, maxLength: 120 });
    fc.assert(
      fc.property(header, (raw) => {
        const { nonce, mixHash: mix, ...rest } = decodeKawpowHeader(raw);
        expect(hex(serializeKawpowHeader(serializeKawpowInput(rest), { nonce, mixHash: mix }))).toBe(
          hex(raw),
        );
      }),
    );
  });
});
