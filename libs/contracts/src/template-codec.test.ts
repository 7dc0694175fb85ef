import fc from 'fast-check';
import {
  type BitcoinTemplate,
  type CryptonoteTemplate,
  type EthashTemplate,
  type KawpowTemplate,
  type TemplateStopped,
  type TemplateUpdate,
  WireFormatError,
  decodeTemplate,
  encodeTemplate,
} from './index.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const blob = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

const head = {
  poolId: text,
  jobKey: u32,
  height: fc.nat(),
  networkTarget: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
  cleanJobs: fc.boolean(),
  createdAtMs: fc.integer({ min: 0, max: 2 ** 45 }),
};

const bitcoin: fc.Arbitrary<BitcoinTemplate> = fc.record({
  ...head,
  family: fc.constant('bitcoin' as const),
  prevHash: hash,
  version: fc.integer(),
  versionMask: u32,
  bits: u32,
  time: u32,
  minTime: u32,
  maxTime: u32,
  coinbasePrefix: blob,
  coinbaseSuffix: blob,
  extranonceSize: fc.nat(255),
  merkleBranch: fc.array(hash, { maxLength: 14 }),
});

const cryptonote: fc.Arbitrary<CryptonoteTemplate> = fc.record({
  ...head,
  family: fc.constant('cryptonote' as const),
  majorVersion: fc.nat(255),
  prevId: hash,
  seedHash: hash,
  nextSeedHash: fc.option(hash, { nil: undefined }),
  header: blob,
  nonceOffset: fc.nat(255),
  minerTxVersion: fc.constantFrom(1 as const, 2 as const),
  minerTxPrefix: blob,
  minerTxSuffix: blob,
  extraNonceBytes: fc.nat(255),
  merkleBranch: blob,
  txCount: u32,
  txHashes: blob,
});

const sealed = { ...head, headerHash: hash, seedHash: hash, epoch: u32 };
const ethash: fc.Arbitrary<EthashTemplate> = fc.record({ ...sealed, family: fc.constant('ethash' as const) });
const kawpow: fc.Arbitrary<KawpowTemplate> = fc.record({
  ...sealed,
  family: fc.constant('kawpow' as const),
  bits: u32,
});
const stopped: fc.Arbitrary<TemplateStopped> = fc.record({
  poolId: text,
  stopped: fc.constant(true as const),
  reason: text,
});

const anyTemplate: fc.Arbitrary<TemplateUpdate> = fc.oneof(bitcoin, cryptonote, ethash, kawpow, stopped);

it('brings back every template as it was', () => {
  fc.assert(
    fc.property(anyTemplate, (update) => expect(decodeTemplate(encodeTemplate(update))).toEqual(update)),
  );
});

it('refuses every template that is cut short or has more behind it', () => {
  fc.assert(
    fc.property(anyTemplate, fc.nat(), (update, at) => {
      const bytes = encodeTemplate(update);
      expect(() => decodeTemplate(bytes.subarray(0, at % bytes.length))).toThrow(WireFormatError);
      expect(() => decodeTemplate(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(WireFormatError);
    }),
  );
});

it('either refuses bytes or reads a template that says the same again', () => {
  const mutated = fc.tuple(anyTemplate, fc.nat(), fc.nat(255)).map(([update, at, value]) => {
    const bytes = encodeTemplate(update);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      try {
        const update = decodeTemplate(bytes);
        expect(encodeTemplate(update)).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(WireFormatError);
      }
    }),
    { numRuns: 1_000 },
  );
});

it('keeps nothing of the message alive', () => {
  const update = decodeTemplate(encodeTemplate({ poolId: 'p', stopped: true, reason: 'no daemon' }));
  expect(update).toEqual({ poolId: 'p', stopped: true, reason: 'no daemon' });
  const [template] = fc.sample(ethash, 1);
  const message = template === undefined ? Buffer.alloc(0) : encodeTemplate(template);
  const read = decodeTemplate(message);
  message.fill(0);
  expect(read).toEqual(template);
});

it('knows its version, and refuses another', () => {
  const bytes = encodeTemplate({ poolId: 'p', stopped: true, reason: '' });
  // Version 1 of a stopped pool, byte for byte: what is in a stream already must still be read.
  expect(bytes.toString('hex')).toBe('4f540100010000007000000000');
  bytes[2] = 2;
  expect(() => decodeTemplate(bytes)).toThrow('version 2');
  expect(() => decodeTemplate(Buffer.from('4f540109', 'hex'))).toThrow('unknown kind');
});

it('refuses to write what it could not read', () => {
  const [template] = fc.sample(bitcoin, 1);
  const broken = (change: Partial<BitcoinTemplate>): (() => Buffer) => {
    if (template === undefined) throw new Error('no template');
    return () => encodeTemplate({ ...template, ...change });
  };
  expect(broken({ networkTarget: -1n })).toThrow(WireFormatError);
  expect(broken({ networkTarget: 1n << 256n })).toThrow(WireFormatError);
  expect(broken({ prevHash: new Uint8Array(31) })).toThrow(WireFormatError);
  expect(broken({ bits: 2 ** 32 })).toThrow(WireFormatError);
  expect(broken({ height: 0.5 })).toThrow(WireFormatError);
  expect(broken({ poolId: '\ud800' })).toThrow(WireFormatError);
});
