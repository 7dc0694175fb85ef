/** The double of ravend by blocks made here by hand, and its judge by a block of Ravencoin's test network. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RavenNode, type Rpc, REPOSITORY, createRpc, sealKawpow, startRavenNode } from './index.ts';
import { findCoinbaseFault, findWorkFault, readBlock, sealBlock } from './kawpow-block.ts';

interface Template {
  readonly previousblockhash: string;
  readonly height: number;
  readonly curtime: number;
  readonly bits: string;
  readonly coinbasevalue: number;
  readonly longpollid: string;
}

interface Draft {
  readonly template: Template;
  readonly valueAtomic?: bigint;
  /** What the coinbase says. */
  readonly height?: number;
  readonly breakMix?: boolean;
  readonly breakRoot?: boolean;
}

const TARGET = 0x7fffffn << 232n;

const sha256d = (bytes: Uint8Array): Buffer => {
  const first = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(first).digest();
};
const number = (value: number | bigint, bytes: 4 | 8): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
};

const coinbaseOf = ({ template, valueAtomic, height }: Draft): Buffer =>
  Buffer.concat([
    number(2, 4),
    Buffer.from(`01${'00'.repeat(32)}ffffffff03`, 'hex'),
    // One byte says heights up to 16.
    Buffer.of(0x50 + (height ?? template.height), 1, 7),
    Buffer.from('ffffffff01', 'hex'),
    number(valueAtomic ?? BigInt(template.coinbasevalue), 8),
    Buffer.from('0151', 'hex'),
    number(0, 4),
  ]);

/** A block whose hash is below the target, or above it. */
const solve = (draft: Draft, wanted: 'block' | 'share' = 'block'): string => {
  const { template } = draft;
  const coinbase = coinbaseOf(draft);
  const input = Buffer.concat([
    number(0x30000000, 4),
    Buffer.from(template.previousblockhash, 'hex').reverse(),
    draft.breakRoot === true ? Buffer.alloc(32) : sha256d(coinbase),
    number(template.curtime, 4),
    number(Number.parseInt(template.bits, 16), 4),
    number(template.height, 4),
  ]);
  for (let nonce = 0n; ; nonce++) {
    const { hash, mixHash } = sealKawpow(sha256d(input).reverse(), template.height, nonce);
    const isBlock = BigInt(`0x${hash.toString('hex')}`) <= TARGET;
    if (isBlock !== (wanted === 'block')) continue;
    const mix = draft.breakMix === true ? Buffer.alloc(32) : mixHash.reverse();
    return Buffer.concat([input, number(nonce, 8), mix, Buffer.of(1), coinbase]).toString('hex');
  }
};

describe('the double of ravend', () => {
  let node: RavenNode;
  let rpc: Rpc;
  const getTemplate = (): Promise<Template> => rpc.call<Template>('getblocktemplate', { rules: ['segwit'] });
  const submit = (hex: string): Promise<string | null> => rpc.call('submitblock', hex);

  beforeAll(async () => {
    node = await startRavenNode();
    rpc = createRpc(node.url, node.user, node.password);
  }, 120_000);

  afterAll(() => node?.stop());

  it('takes a block once, and tells who waits', async () => {
    const template = await getTemplate();
    const waiting = rpc.call<Template>('getblocktemplate', { longpollid: template.longpollid });
    const block = solve({ template });
    expect(await submit(block)).toBeNull();
    const tip = await rpc.call<string>('getbestblockhash');
    expect(node.taken.map(({ hash }) => hash)).toEqual([tip]);
    expect((await waiting).previousblockhash).toBe(tip);
    expect(await rpc.call('getblockheader', tip, false)).toBe(block.slice(0, 240));
    expect(await submit(block)).toBe('duplicate');
  }, 30_000);

  it('refuses what ravend refuses, in its words', async () => {
    const template = await getTemplate();
    const words = await Promise.all(
      [
        solve({ template }, 'share'),
        solve({ template, breakMix: true }),
        solve({ template, breakRoot: true }),
        solve({ template, height: template.height + 1 }),
        solve({ template, valueAtomic: BigInt(template.coinbasevalue) + 1n }),
        solve({ template: { ...template, bits: '207ffffe' } }),
        solve({ template: { ...template, height: template.height + 1 } }),
        solve({ template: { ...template, curtime: template.curtime - 1000 } }),
        solve({ template: { ...template, curtime: template.curtime + 7201 } }),
        solve({ template: { ...template, previousblockhash: '11'.repeat(32) } }),
      ].map(submit),
    );
    expect(words).toEqual([
      'high-hash',
      'invalid-mix-hash',
      'bad-txnmrklroot',
      'bad-cb-height',
      'bad-cb-amount',
      'bad-diffbits',
      'bad-height',
      'time-too-old',
      'time-too-new',
      'prev-blk-not-found',
    ]);
    expect(node.refused).toEqual(['duplicate', ...words]);
    const block = solve({ template });
    await expect(submit(block.slice(0, -2))).rejects.toMatchObject({ code: -22 });
    await expect(submit(`${block}00`)).rejects.toMatchObject({ code: -22 });
  }, 60_000);

  it('gives up a branch for another', async () => {
    const left = node.hashAt(node.height) ?? '';
    node.invalidate(left);
    const { height } = node;
    node.generate(2);
    expect(node.height).toBe(height + 2);
    expect(await rpc.call('getblockheader', left)).toMatchObject({ confirmations: -1, height: height + 1 });
    expect(await rpc.call('getblockhash', height + 1)).not.toBe(left);
    await expect(rpc.call('getblockheader', '22'.repeat(32))).rejects.toMatchObject({ code: -5 });
  }, 30_000);
});

interface RecordedBlock {
  readonly id: string;
  readonly kind: string;
  readonly height: number;
  readonly bits: string;
  readonly hash: string;
  readonly block: string;
}

const file = join(REPOSITORY, 'test/vectors/kawpow.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly RecordedBlock[] };

it.each(cases.filter(({ kind }) => kind === 'block'))(
  '$id: has no fault',
  (one) => {
    const block = readBlock(one.block);
    const seal = sealBlock(block);
    const subsidy = 5000_00000000n;
    expect(seal.hash.toString('hex')).toBe(one.hash);
    expect(findWorkFault(block, seal, Number.parseInt(one.bits, 16))).toBeUndefined();
    expect(findCoinbaseFault(block.coinbase, one.height, subsidy)).toBeUndefined();
    expect(findCoinbaseFault(block.coinbase, one.height, subsidy - 1n)).toBe('bad-cb-amount');
    const { witness } = block.coinbase;
    const spoiled = { ...block.coinbase, witness: witness.map(() => Buffer.alloc(32, 1)) };
    expect(findCoinbaseFault(spoiled, one.height, subsidy)).toBe('bad-witness-merkle-match');
    expect(() => readBlock(one.block.slice(2))).toThrow(RangeError);
  },
  120_000,
);
