import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import {
  type BlockTemplate,
  assembleBlock,
  foldMerkle,
  merkleBranch,
  parseBlockTemplate,
  sha256d,
  stratumPrevHash,
  toDisplay,
  txidOf,
  witnessCommitmentScript,
  witnessRoot,
} from './index.ts';
import { parseBlock, parseTransaction } from './testing/parse-block.ts';

interface TemplateCase {
  readonly id: string;
  readonly kind: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly expect: {
    readonly merkle_branch: readonly string[];
    readonly witness_root: string;
    readonly witness_commitment: string;
  };
  readonly ckpool_notify?: { readonly params: readonly unknown[] };
  readonly solved_block?: string;
  readonly submitblock?: string;
  readonly solved_header?: { readonly header: string; readonly hash: string };
}

const load = (file: string): TemplateCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: TemplateCase[] };
  return cases.filter(({ kind }) => kind === 'getblocktemplate');
};

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');
const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

const parse = (value: unknown): BlockTemplate => {
  const parsed = parseBlockTemplate(value);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.template;
};

const reason = (value: unknown): string => {
  const parsed = parseBlockTemplate(value);
  return parsed.ok ? 'accepted' : parsed.reason;
};

const cases = [...load('sha256d'), ...load('scrypt')];
const sample = cases[0]?.template ?? {};
const mweb = load('scrypt')[0]?.template ?? {};

describe('templates of real daemons', () => {
  it('has its vectors', () => {
    expect(cases).toHaveLength(5 + 1);
    expect(cases.filter((one) => one.ckpool_notify !== undefined)).toHaveLength(3);
    expect(cases.filter((one) => one.solved_block !== undefined)).toHaveLength(1);
  });

  it.each(cases)('$id: merkle branch, witness root and commitment', ({ template: raw, expect: expected }) => {
    const template = parse(raw);
    const wtxids = template.transactions.map(({ wtxid }) => wtxid);
    expect(merkleBranch(template.transactions.map(({ txid }) => txid)).map(hex)).toEqual(
      expected.merkle_branch,
    );
    expect(hex(witnessRoot(wtxids))).toBe(expected.witness_root);
    const commitment = `6a24aa21a9ed${expected.witness_commitment}`;
    expect(hex(witnessCommitmentScript(wtxids))).toBe(commitment);
    expect(hex(template.witnessCommitment ?? new Uint8Array())).toBe(commitment);
  });

  it.each(cases.filter((one) => one.ckpool_notify !== undefined))('$id: the job ckpool made of it', (one) => {
    const template = parse(one.template);
    const params = one.ckpool_notify?.params ?? [];
    expect(params[1]).toBe(stratumPrevHash(template.previousBlockHash));
    expect(params[4]).toEqual(merkleBranch(template.transactions.map(({ txid }) => txid)).map(hex));
    expect(params[5]).toBe(hex8(template.version));
    expect(params[6]).toBe(hex8(template.bits));
    // It was sent up to a minute after the template was made.
    const delay = Number.parseInt(String(params[7]), 16) - template.currentTime;
    expect(delay >= 0 && delay < 60).toBe(true);
    const { outputs } = parseTransaction(bytes(`${params[2]}${'00'.repeat(12)}${params[3]}`));
    expect(outputs.reduce((sum, { value }) => sum + value, 0n)).toBe(template.coinbaseValueAtomic);
    expect(outputs.at(-1)?.script).toEqual(template.witnessCommitment);
  });

  it.each(cases.filter((one) => one.solved_block !== undefined))('$id: the block that solved it', (one) => {
    const template = parse(one.template);
    const solved = parseBlock(bytes(one.solved_block ?? ''));
    const coinbase = solved.transactions[0]?.legacy ?? new Uint8Array();
    const header = bytes(one.solved_header?.header ?? '');
    expect(toDisplay(sha256d(header))).toBe(one.solved_header?.hash);
    const branch = merkleBranch(template.transactions.map(({ txid }) => txid));
    expect(hex(foldMerkle(txidOf(coinbase), branch))).toBe(hex(header.subarray(36, 68)));
    expect(assembleBlock({ template, header, coinbase })).toBe(one.submitblock);
  });

  it('decodes every field', () => {
    const template = parse(sample);
    expect(template).toMatchObject({
      version: 0x20000000,
      coinbaseValueAtomic: 625_002_820n,
      bits: 0x207fffff,
      target: 0x7fffffn << 232n,
      currentTime: 1_747_976_802,
      minTime: 1_747_920_366,
      height: 505,
      rules: ['csv', '!segwit', 'testdummy', 'taproot'],
      mweb: undefined,
      longPollId: '45f85fa6e71b3d91c0cd7ddb1732c422aa0a34e9c9115a42c770ef1caadbdeb015',
    });
    expect(toDisplay(template.previousBlockHash)).toBe(sample['previousblockhash']);
    expect(template.coinbaseFlags).toHaveLength(0);
    expect(template.transactions.map(({ txid }) => toDisplay(txid))).toEqual([
      '2305d23e3d6a9f55189723e0dfc653908455a9162b263a0b7b584711cff8cdfe',
    ]);
    expect(template.transactions[0]?.feeAtomic).toBe(2820n);
  });
});

describe('segwit', () => {
  const witnessless = { ...sample, transactions: [] };

  it.each([
    [[], false],
    [['csv', 'taproot'], false],
    [['segwit'], true],
    [['!segwit'], true],
  ])('rules %p: commitment %p', (rules, expected) => {
    expect(parse({ ...sample, rules }).witnessCommitment !== undefined).toBe(expected);
  });

  it('computes the commitment that a daemon left out, where the block needs one', () => {
    const silent = { ...sample, default_witness_commitment: undefined };
    expect(hex(parse(silent).witnessCommitment ?? new Uint8Array())).toBe(
      sample['default_witness_commitment'],
    );
    const empty = { ...witnessless, default_witness_commitment: null };
    expect(parse(empty).witnessCommitment).toBeUndefined();
  });
});

describe('templates of other makes', () => {
  it('may lack what is optional', () => {
    const bare = {
      version: -1,
      previousblockhash: 'AB'.repeat(32),
      transactions: [{ data: '00', txid: '11'.repeat(32) }],
      coinbasevalue: 50,
      bits: '1D00FFFF',
      curtime: 7,
      height: 1,
    };
    const template = parse(bare);
    expect(template).toMatchObject({ version: 0xffffffff, minTime: 7, rules: [], coinbaseValueAtomic: 50n });
    expect(template.transactions[0]?.wtxid).toEqual(template.transactions[0]?.txid);
    expect(template.transactions[0]?.feeAtomic).toBeUndefined();
  });

  it('may ask for flags in the coinbase', () => {
    const flags = hex(Buffer.from('mined by bcoin'));
    expect(hex(parse({ ...sample, coinbaseaux: { flags } }).coinbaseFlags)).toBe(flags);
  });

  it('never start before the earliest allowed time', () => {
    expect(parse({ ...sample, mintime: 1_900_000_000 }).currentTime).toBe(1_900_000_000);
  });
});

describe('templates that nothing can be built from', () => {
  const transaction = { data: '00', txid: '11'.repeat(32), hash: '22'.repeat(32) };
  it.each([
    ['version', 1.5, /version is not a 32-bit number/],
    ['previousblockhash', 'ab', /previousblockhash is not a hash/],
    ['transactions', {}, /transactions is not a list/],
    ['transactions', [null], /transactions\[0\]: it is not an object/],
    ['transactions', [transaction, { ...transaction, txid: 5 }], /transactions\[1\]: txid/],
    ['transactions', [{ ...transaction, data: 'abc' }], /transactions\[0\]: data/],
    ['transactions', [{ ...transaction, hash: '' }], /transactions\[0\]: hash/],
    ['transactions', [{ ...transaction, fee: -1 }], /transactions\[0\]: fee/],
    ['coinbasevalue', undefined, /coinbasevalue/],
    ['coinbasevalue', 2 ** 53, /coinbasevalue/],
    ['bits', '1d00fff', /bits is not/],
    ['bits', '1d80ffff', /no hash can meet/],
    ['curtime', 0, /curtime/],
    ['curtime', 2 ** 32, /curtime/],
    ['mintime', '5', /mintime/],
    ['height', 0, /height/],
    ['rules', 'segwit', /rules/],
    ['rules', [1], /rules/],
    ['rules', ['!newfork'], /!newfork/],
    ['rules', ['!segwit', 'mweb'], /extension block is missing/],
    ['default_witness_commitment', '6a24aa21a9ed00', /commitment/],
    ['mweb', 'x', /mweb/],
    ['longpollid', 5, /longpollid/],
    ['coinbaseaux', { flags: 'abc' }, /coinbaseaux/],
    ['signet_challenge', `5121${'02'.repeat(33)}51ae`, /signet/],
  ])('%s = %p', (key, value, expected) => {
    expect(reason({ ...sample, [key]: value })).toMatch(expected);
  });

  it('an extension block without the transaction that carries it', () => {
    expect(reason({ ...mweb, transactions: [] })).toMatch(/extension block but not the transaction/);
  });

  it('any other value: answered, never thrown at', () => {
    const keys = Object.keys(sample);
    const broken = fc.record({ key: fc.constantFrom(...keys), value: fc.anything() });
    fc.assert(
      fc.property(fc.anything(), broken, (value, { key, value: other }) => {
        expect(typeof parseBlockTemplate(value).ok).toBe('boolean');
        expect(typeof parseBlockTemplate({ ...sample, [key]: other }).ok).toBe('boolean');
        expect(typeof parseBlockTemplate({ ...mweb, transactions: [other] }).ok).toBe('boolean');
      }),
    );
  });
});
