import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { type BlockTemplate, assembleBlock, fromDisplay, toDisplay, txidOf } from './index.ts';
import { sha256d, witnessCommitmentScript, witnessRoot } from './index.ts';
import { parseBlock, parseTransaction } from './testing/parse-block.ts';

interface BlockCase {
  readonly id: string;
  readonly kind: string;
  readonly header: string;
  readonly hash: string;
  readonly tx_count: number;
  readonly coinbase: { readonly raw: string; readonly stripped: string };
  readonly txids?: readonly string[];
  readonly block?: string;
  readonly extension?: string;
  readonly witness?: {
    readonly reserved: string;
    readonly root: string;
    readonly commitment: string;
    readonly wtxids?: readonly string[];
  };
}

const load = (file: string): BlockCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: BlockCase[] };
  return cases.filter(({ kind }) => kind === 'block');
};

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

type BodyOfTemplate = Pick<BlockTemplate, 'transactions' | 'witnessCommitment' | 'mweb'>;

const body = (
  transactions: readonly Uint8Array[],
  witnessCommitment: Uint8Array | undefined,
  mweb: string | undefined,
): BodyOfTemplate => ({
  transactions: transactions.map((raw) => {
    const id = new Uint8Array(32);
    return { data: hex(raw), txid: id, wtxid: id, feeAtomic: undefined };
  }),
  witnessCommitment,
  mweb,
});

describe('recorded blocks', () => {
  const cases = [...load('sha256d'), ...load('scrypt')];
  const whole = cases.flatMap((one) => (one.block === undefined ? [] : [{ ...one, block: one.block }]));
  const committed = cases.flatMap((one) =>
    one.witness === undefined ? [] : [{ id: one.id, ...one.witness }],
  );

  it('has its vectors', () => {
    expect([cases.length, whole.length, committed.length]).toEqual([19 + 14, 16 + 14, 3 + 2]);
    expect(whole.filter(({ extension }) => extension !== undefined)).toHaveLength(1);
  });

  it.each(whole)('$id is assembled byte for byte', (one) => {
    const { header, transactions, rest } = parseBlock(bytes(one.block));
    const [coinbase, ...others] = transactions;
    if (coinbase === undefined) throw new Error('a block has a coinbase');
    expect(hex(header)).toBe(one.header);
    expect(hex(coinbase.legacy)).toBe(one.coinbase.stripped);
    expect(transactions.map(({ legacy }) => toDisplay(txidOf(legacy)))).toEqual(one.txids);
    expect(hex(rest)).toBe(one.extension ?? '');
    const commitment = coinbase.witness === undefined ? undefined : new Uint8Array();
    const raws = others.map(({ raw }) => raw);
    const template = body(raws, commitment, one.extension?.replace(/^01/, ''));
    expect(assembleBlock({ template, header, coinbase: coinbase.legacy })).toBe(one.block);
  });

  it.each(cases)('$id: the witness of the coinbase is the reserved value', (one) => {
    const template = body([], one.witness === undefined ? undefined : new Uint8Array(), undefined);
    const block = assembleBlock({
      template,
      header: bytes(one.header),
      coinbase: bytes(one.coinbase.stripped),
    });
    expect(block.slice(162)).toBe(one.coinbase.raw);
  });

  it.each(committed)('$id: witness root and commitment', ({ reserved, root, commitment, wtxids }) => {
    expect(hex(sha256d(bytes(root + reserved)))).toBe(commitment);
    if (wtxids === undefined) return;
    const others = wtxids.slice(1).map(fromDisplay);
    expect(hex(witnessRoot(others))).toBe(root);
    expect(hex(witnessCommitmentScript(others))).toBe(`6a24aa21a9ed${commitment}`);
  });
});

describe('any block', () => {
  const script = fc.uint8Array({ maxLength: 40 });
  const transaction = fc
    .record({ outpoint: fc.uint8Array({ minLength: 36, maxLength: 36 }), script, item: fc.option(script) })
    .map(({ outpoint, script: code, item }) => {
      const flag = item === null ? [] : [0, 1];
      const witness = item === null ? [] : [1, item.length, ...item];
      const io = [1, ...outpoint, code.length, ...code, 1, 2, 3, 4, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0];
      return Uint8Array.of(2, 0, 0, 0, ...flag, ...io, ...witness, 7, 0, 0, 0);
    });
  const coinbase = bytes(load('sha256d')[0]?.coinbase.stripped ?? '');

  it('parses back to what went in', () => {
    const options = fc.record({
      header: fc.uint8Array({ minLength: 80, maxLength: 80 }),
      transactions: fc.array(transaction, { maxLength: 300 }),
      segwit: fc.boolean(),
      mweb: fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 })),
    });
    fc.assert(
      fc.property(options, ({ header, transactions, segwit, mweb }) => {
        const extension = mweb === null ? undefined : hex(mweb);
        const template = body(transactions, segwit ? new Uint8Array() : undefined, extension);
        const block = parseBlock(bytes(assembleBlock({ template, header, coinbase })));
        const [first, ...others] = block.transactions;
        expect(hex(block.header)).toBe(hex(header));
        expect(hex(first?.legacy ?? new Uint8Array())).toBe(hex(coinbase));
        expect(first?.witness?.map((items) => items.map(hex))).toEqual(
          segwit ? [['00'.repeat(32)]] : undefined,
        );
        expect(others.map(({ raw }) => hex(raw))).toEqual(transactions.map(hex));
        expect(hex(block.rest)).toBe(extension === undefined ? '' : `01${extension}`);
      }),
      { numRuns: 40 },
    );
  });

  it('counts transactions with one, three or five bytes', () => {
    const raw = Uint8Array.of(1);
    const count = (transactions: number): string =>
      assembleBlock({
        template: body(
          Array.from({ length: transactions }, () => raw),
          undefined,
          undefined,
        ),
        header: new Uint8Array(80),
        coinbase,
      }).slice(160, 170);
    expect(count(0xfb).slice(0, 2)).toBe('fc');
    expect(count(0xfc).slice(0, 6)).toBe('fdfd00');
    expect(count(0xfffe).slice(0, 6)).toBe('fdffff');
    expect(count(0xffff)).toBe('fe00000100');
  });

  it('refuses a coinbase that has its witness already, and a header of another length', () => {
    const template = body([], undefined, undefined);
    const withWitness = Uint8Array.of(2, 0, 0, 0, 0, 1, 1);
    expect(() => assembleBlock({ template, header: new Uint8Array(80), coinbase: withWitness })).toThrow(
      expect.objectContaining({ code: 'COINBASE_FORM' }),
    );
    expect(() => assembleBlock({ template, header: new Uint8Array(81), coinbase })).toThrow(
      expect.objectContaining({ code: 'HEADER_LENGTH' }),
    );
    expect(parseTransaction(coinbase).inputs).toHaveLength(1);
  });
});
