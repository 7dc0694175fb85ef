import fc from 'fast-check';

import {
  AUX_COMMITMENT_BYTES,
  type CoinbaseOptions,
  MAX_COINBASE_SCRIPT,
  auxCommitment,
  buildCoinbase,
  buildFixedCoinbase,
} from './index.ts';
import { type ParsedTransaction, parseTransaction } from './testing/parse-block.ts';

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

const options: CoinbaseOptions = {
  height: 840_000,
  valueAtomic: 312_500_000n,
  payoutScript: bytes(`0014${'aa'.repeat(20)}`),
  tag: Buffer.from('/otedama/'),
  uniqueTag: bytes('0102030405060708'),
  extranonceSize: 8,
};

const build = (
  changes: Partial<CoinbaseOptions>,
  extranonce = new Uint8Array(8).fill(0xee),
): ParsedTransaction => {
  const { prefix, suffix } = buildCoinbase({ ...options, ...changes });
  return parseTransaction(Buffer.concat([prefix, extranonce, suffix]));
};

const script = (transaction: ParsedTransaction): Uint8Array =>
  transaction.inputs[0]?.script ?? new Uint8Array();

/** The data of each push; undefined when something else than a push of one opcode byte stands there. */
const pushes = (code: Uint8Array): string[] | undefined => {
  const found: string[] = [];
  for (let at = 0; at < code.length;) {
    const opcode = code[at] ?? 0;
    if (opcode >= 0x51 && opcode <= 0x60) {
      found.push((opcode - 0x50).toString(16).padStart(2, '0'));
      at += 1;
      continue;
    }
    if (opcode < 1 || opcode > 75 || at + opcode >= code.length) return undefined;
    found.push(hex(code.subarray(at + 1, at + 1 + opcode)));
    at += 1 + opcode;
  }
  return found;
};

describe('the coinbase', () => {
  it('spends nothing, pays the pool, and leaves a gap for the extranonce', () => {
    const transaction = build({});
    expect(transaction.version).toBe(2);
    expect(transaction.witness).toBeUndefined();
    expect(transaction.inputs.map(({ outpoint }) => hex(outpoint))).toEqual([`${'00'.repeat(32)}ffffffff`]);
    expect(pushes(script(transaction))).toEqual([
      '40d10c',
      `0102030405060708${'ee'.repeat(8)}`,
      hex(Buffer.from('/otedama/')),
    ]);
    expect(transaction.outputs).toEqual([{ value: 312_500_000n, script: expect.anything() as Uint8Array }]);
    expect(hex(transaction.outputs[0]?.script ?? new Uint8Array())).toBe(hex(options.payoutScript));
  });

  it('is locked to the height before its own, by a sequence that lets the lock count', () => {
    const transaction = build({ height: 500 });
    expect(transaction.lockTime).toBe(499);
    expect(transaction.inputs[0]?.sequence).toBe(0xfffffffe);
  });

  it('ends with the witness commitment', () => {
    const witnessCommitment = bytes(`6a24aa21a9ed${'cc'.repeat(32)}`);
    const { outputs } = build({ witnessCommitment });
    expect(outputs.map(({ value }) => value)).toEqual([312_500_000n, 0n]);
    expect(hex(outputs[1]?.script ?? new Uint8Array())).toBe(hex(witnessCommitment));
  });

  it('takes extra outputs out of what it pays', () => {
    const extraOutputs = [
      { valueAtomic: 12_500_000n, scriptPubKey: bytes('51') },
      { valueAtomic: 0n, scriptPubKey: bytes('6a') },
    ];
    const { outputs } = build({ extraOutputs });
    expect(outputs.map(({ value }) => value)).toEqual([300_000_000n, 12_500_000n, 0n]);
  });

  it.each([
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [127, '017f'],
    [128, '028000'],
    [255, '02ff00'],
    [256, '020001'],
    [32_767, '02ff7f'],
    [32_768, '03008000'],
    [890_448, '0350960d'],
    [8_388_608, '0400008000'],
    [499_999_999, '04ff64cd1d'],
  ])('pushes height %d as BIP34 demands', (height, expected) => {
    expect(hex(script(build({ height })))).toMatch(new RegExp(`^${expected}`));
  });

  it('adds the flags of the daemon when there is room, and never for them gives up the tag', () => {
    const flags = Buffer.from('mined by bcoin');
    expect(pushes(script(build({ flags })))?.at(-1)).toBe(hex(Buffer.from('/otedama/mined by bcoin')));
    expect(pushes(script(build({ flags: new Uint8Array(90) })))?.at(-1)).toBe(hex(Buffer.from('/otedama/')));
    expect(pushes(script(build({ flags, tag: new Uint8Array() })))?.at(-1)).toBe(hex(flags));
    expect(pushes(script(build({ tag: new Uint8Array() })))).toHaveLength(2);
  });

  it('keeps every extranonce a push, so that its bytes count as no signature operation', () => {
    const shapes = fc.record({
      height: fc.integer({ min: 1, max: 499_999_999 }),
      tag: fc.uint8Array({ maxLength: 18 }),
      uniqueTag: fc.uint8Array({ maxLength: 16 }),
      extranonce: fc.uint8Array({ minLength: 1, maxLength: 32 }),
      flags: fc.uint8Array({ maxLength: 80 }),
    });
    fc.assert(
      fc.property(shapes, ({ extranonce, ...changes }) => {
        const code = script(build({ ...changes, extranonceSize: extranonce.length }, extranonce));
        expect(code.length).toBeGreaterThanOrEqual(2);
        expect(code.length).toBeLessThanOrEqual(MAX_COINBASE_SCRIPT);
        expect(pushes(code)?.[1]).toBe(hex(changes.uniqueTag) + hex(extranonce));
      }),
    );
  });

  it('differs between jobs that differ in their tag only', () => {
    const other = bytes('0102030405060709');
    expect(hex(build({ uniqueTag: other }).raw)).not.toBe(hex(build({}).raw));
  });
});

describe('the coinbase of merged mining', () => {
  const commitment = auxCommitment(new Uint8Array(32).fill(0xab), { size: 8, nonce: 0 });

  it('pushes the commitment behind the height', () => {
    expect(commitment).toHaveLength(AUX_COMMITMENT_BYTES);
    expect(pushes(script(build({ auxCommitment: commitment })))).toEqual([
      '40d10c',
      `fabe6d6d${'ab'.repeat(32)}0800000000000000`,
      `0102030405060708${'ee'.repeat(8)}`,
      hex(Buffer.from('/otedama/')),
    ]);
  });

  it('has room for 18 bytes of tag beside 30 of unique tag and extranonce, and not for one more', () => {
    const full = {
      height: 499_999_999,
      auxCommitment: commitment,
      uniqueTag: new Uint8Array(18),
      extranonceSize: 12,
      tag: new Uint8Array(18),
    };
    expect(script(build(full, new Uint8Array(12)))).toHaveLength(MAX_COINBASE_SCRIPT);
    expect(() => build({ ...full, tag: new Uint8Array(19) })).toThrow(
      'the coinbase script is 1 bytes too long',
    );
    const flags = new Uint8Array(1);
    expect(script(build({ ...full, flags }, new Uint8Array(12)))).toHaveLength(MAX_COINBASE_SCRIPT);
  });

  it.each([
    ['a byte too few', commitment.subarray(1)],
    ['another mark', Uint8Array.from(commitment).fill(0, 0, 4)],
  ])('refuses what is no commitment: %s', (_, wrong) => {
    expect(() => build({ auxCommitment: wrong })).toThrow(
      expect.objectContaining({ code: 'COINBASE_SCRIPT' }),
    );
  });

  it('has the mark once', () => {
    const tag = bytes('00fabe6d6d');
    expect(() => build({ auxCommitment: commitment, tag })).toThrow(/mark of merged mining/);
    expect(pushes(script(build({ tag })))?.at(-1)).toBe(hex(tag));
  });
});

describe('a coinbase without extranonce', () => {
  const fixed = (uniqueTag: Uint8Array): ParsedTransaction =>
    parseTransaction(buildFixedCoinbase({ ...options, uniqueTag }));

  it('is one transaction, told from others by its unique tag', () => {
    expect(pushes(script(fixed(bytes('0102'))))).toEqual(['40d10c', '0102', hex(Buffer.from('/otedama/'))]);
    expect(hex(fixed(bytes('0102')).raw)).not.toBe(hex(fixed(bytes('0103')).raw));
  });

  it('is not built without a unique tag', () => {
    expect(() => fixed(new Uint8Array())).toThrow(expect.objectContaining({ code: 'COINBASE_SCRIPT' }));
  });
});

describe('a coinbase that no node would take', () => {
  const fails = (changes: Partial<CoinbaseOptions>, code: string): void => {
    expect(() => buildCoinbase({ ...options, ...changes })).toThrow(expect.objectContaining({ code }));
  };

  it('is not built: script too long', () => {
    fails({ tag: new Uint8Array(76) }, 'COINBASE_SCRIPT');
    fails({ uniqueTag: new Uint8Array(70) }, 'COINBASE_SCRIPT');
    fails({ extranonceSize: 32, uniqueTag: new Uint8Array(16), tag: new Uint8Array(60) }, 'COINBASE_SCRIPT');
  });

  it('is not built: no extranonce, no height', () => {
    fails({ extranonceSize: 0 }, 'COINBASE_SCRIPT');
    fails({ height: 0 }, 'COINBASE_SCRIPT');
    fails({ height: 500_000_000 }, 'COINBASE_SCRIPT');
  });

  it('is not built: pays more than there is', () => {
    const scriptPubKey = bytes('51');
    fails({ extraOutputs: [{ valueAtomic: 312_500_001n, scriptPubKey }] }, 'COINBASE_VALUE');
    const outputs = [
      { valueAtomic: -1n, scriptPubKey },
      { valueAtomic: 1n, scriptPubKey },
    ];
    fails({ extraOutputs: outputs }, 'COINBASE_VALUE');
  });
});
