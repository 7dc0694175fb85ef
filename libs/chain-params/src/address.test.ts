import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import {
  type Coin,
  type ParsedAddress,
  coins,
  encodeWitnessAddress,
  findCoin,
  parseAddress,
} from './index.ts';

interface AddressCase {
  readonly id: string;
  readonly kind: string;
  readonly coin: string;
  readonly network: string;
  readonly address: string;
  readonly valid: boolean;
  readonly script_pubkey?: string;
}

const vectors = (file: string): AddressCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: AddressCase[] };
  return cases.filter(({ kind }) => kind === 'address');
};

const NETWORKS: Readonly<Record<string, string>> = { main: 'mainnet', test: 'testnet', regtest: 'regtest' };

const coin = (id: string, network: string): Coin => {
  const found = findCoin(id, network);
  if (found === undefined) throw new Error(`no coin ${id} ${network}`);
  return found;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const script = (parsed: ParsedAddress): string => (parsed.ok ? hex(parsed.scriptPubKey) : parsed.reason);
const reason = (parsed: ParsedAddress): string => (parsed.ok ? 'accepted' : parsed.reason);
const canonical = (parsed: ParsedAddress): string => (parsed.ok ? parsed.canonical : parsed.reason);

const bitcoin = coin('bitcoin', 'mainnet');
const litecoin = coin('litecoin', 'mainnet');

describe('address vectors', () => {
  const cases = [...vectors('sha256d'), ...vectors('scrypt')];
  const valid = cases.filter((one) => one.valid);
  const invalid = cases.filter((one) => !one.valid);

  it('has its vectors', () => expect([cases.length, valid.length]).toEqual([63 + 75, 38 + 28]));

  it.each(valid)('$id pays the script of its source', ({ coin: id, network, address, script_pubkey }) => {
    expect(script(parseAddress(coin(id, NETWORKS[network] ?? network), address))).toBe(script_pubkey);
  });

  it.each(invalid)('$id is refused on every chain', ({ address }) => {
    for (const one of coins) expect(parseAddress(one, address).ok).toBe(false);
  });

  it('reads its own canonical spelling back', () => {
    for (const { coin: id, network, address } of valid) {
      const chain = coin(id, NETWORKS[network] ?? network);
      const first = parseAddress(chain, address);
      expect(parseAddress(chain, canonical(first))).toEqual(first);
    }
  });
});

describe('one account, one spelling', () => {
  it('lowers the case of segwit addresses', () => {
    expect(canonical(parseAddress(bitcoin, 'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4'))).toBe(
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    );
  });

  it('rewrites the old script version of Litecoin', () => {
    const old = parseAddress(litecoin, '3CMNFxN1oHBc4R1EpboAL5yzHGgE611Xou');
    expect(canonical(old)).toMatch(/^M/);
    expect(parseAddress(litecoin, canonical(old))).toEqual(old);
  });
});

describe('refusals say why', () => {
  const segwit = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
  const mweb = (prefix: string): string => `${prefix}1${'q'.repeat(110)}`;

  it.each([
    [
      'the wrong network',
      bitcoin,
      'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7',
      /testnet/,
    ],
    ['the wrong network in base 58', bitcoin, 'mo9ncXisMeAoXwqcV5EWuyncbmCcQN4rVs', /Bitcoin testnet/],
    ['the wrong coin', litecoin, segwit, /Bitcoin mainnet address.*Litecoin mainnet/],
    ['a MWEB address', litecoin, mweb('ltcmweb'), /MWEB.*ltc1/],
    ['a MWEB address on Bitcoin', bitcoin, mweb('ltcmweb'), /Litecoin mainnet/],
    ['a MWEB address of the test chain', coin('litecoin', 'regtest'), mweb('tmweb'), /MWEB.*rltc1/],
    ['mixed case', bitcoin, segwit.replace('w', 'W'), /case/],
    ['a typing error', bitcoin, segwit.replace('w5', 'w6'), /checksum/],
    ['a typing error in base 58', bitcoin, '1Ax4gZtb7gAit2TivwejZHYtNNLT18PUXK', /checksum/],
    ['no text', bitcoin, '', /empty/],
    ['a long text', bitcoin, 'bc1'.repeat(1000), /too long/],
    ['other text', bitcoin, 'satoshi', /not a Bitcoin address/],
    ['white space', bitcoin, ` ${segwit}`, /not a Bitcoin address/],
  ])('%s', (_, chain, text, expected) => {
    expect(reason(parseAddress(chain, text))).toMatch(expected);
  });

  it('never repeats the text, which may be a private key', () => {
    const key = 'cU6LESh6ttsCfCf4xQXv3CrNY4JHWACNoJCDrbVaRj3WYpyUCGzV';
    expect(reason(parseAddress(litecoin, key))).not.toContain(key);
  });

  it('pays no witness version that belongs to the extension block', () => {
    const program = new Uint8Array(32).fill(7);
    for (const version of [8, 9]) {
      expect(reason(parseAddress(litecoin, encodeWitnessAddress(litecoin, version, program)))).toMatch(
        /MWEB/,
      );
      expect(parseAddress(bitcoin, encodeWitnessAddress(bitcoin, version, program)).ok).toBe(true);
    }
  });
});

describe('encodeWitnessAddress', () => {
  const programs = fc.oneof(
    fc.tuple(fc.constant(0), fc.constantFrom(20, 32)),
    fc.tuple(fc.constantFrom(1, 2, 7, 10, 16), fc.integer({ min: 2, max: 40 })),
  );

  it('writes what parseAddress reads', () => {
    fc.assert(
      fc.property(programs, fc.constantFrom(...coins), fc.integer(), ([version, length], chain, seed) => {
        const program = Uint8Array.from({ length }, (_, i) => (seed >> (i % 24)) & 0xff);
        const text = encodeWitnessAddress(chain, version, program);
        const expected = `${version === 0 ? '00' : (0x50 + version).toString(16)}${hex(Uint8Array.of(length, ...program))}`;
        expect(script(parseAddress(chain, text))).toBe(expected);
        expect(script(parseAddress(chain, text.toUpperCase()))).toBe(expected);
      }),
    );
  });

  it.each([
    [17, 20],
    [-1, 20],
    [0, 25],
    [1, 1],
    [1, 41],
  ])('refuses version %d with %d bytes', (version, length) => {
    expect(() => encodeWitnessAddress(bitcoin, version, new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: 'WITNESS_PROGRAM' }),
    );
  });
});

describe('any text', () => {
  it('is answered, never thrown at', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((tail) => `bc1${tail}`),
      fc.stringMatching(/^(ltc|tb|bcrt)1[02-9ac-hj-np-z]{6,80}$/),
      fc.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{20,40}$/),
    );
    fc.assert(
      fc.property(text, (one) => {
        for (const chain of coins) expect(typeof parseAddress(chain, one).ok).toBe('boolean');
      }),
    );
  });
});
