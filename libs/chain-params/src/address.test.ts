import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import {
  type BitcoinCoin,
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
  readonly account?: string;
  readonly canonical?: string;
  readonly type?: string;
  readonly spend_public_key?: string;
  readonly view_public_key?: string;
  readonly payment_id?: string | null;
}

const vectors = (file: string): AddressCase[] => {
  const url = new URL(`../../../test/vectors/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: AddressCase[] };
  return cases.filter(({ kind }) => kind === 'address');
};

const NETWORKS: Readonly<Record<string, string>> = { main: 'mainnet', test: 'testnet' };

const coinOf = ({ coin: id, network }: AddressCase): Coin => {
  const found = findCoin(id, NETWORKS[network] ?? network);
  if (found === undefined) throw new Error(`no coin ${id} ${network}`);
  return found;
};

const named = (id: BitcoinCoin['id'], network: string): BitcoinCoin => {
  const found = findCoin(id, network);
  if (found === undefined) throw new Error(`no coin ${id} ${network}`);
  return found;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const reason = (parsed: ParsedAddress): string => (parsed.ok ? 'accepted' : parsed.reason);
const canonical = (parsed: ParsedAddress): string => (parsed.ok ? parsed.canonical : parsed.reason);

/** The fields of a case that say who is paid, read back from the result. */
const payeeOf = (parsed: ParsedAddress): Partial<AddressCase> => {
  if (!parsed.ok) throw new Error(parsed.reason);
  if ('scriptPubKey' in parsed) return { script_pubkey: hex(parsed.scriptPubKey) };
  if ('account' in parsed) return { account: hex(parsed.account) };
  return {
    type: parsed.type,
    spend_public_key: hex(parsed.spendPublicKey),
    view_public_key: hex(parsed.viewPublicKey),
    payment_id: parsed.paymentId === undefined ? null : hex(parsed.paymentId),
  };
};

const bitcoin = named('bitcoin', 'mainnet');
const litecoin = named('litecoin', 'mainnet');

describe('address vectors', () => {
  const files = ['sha256d', 'scrypt', 'kawpow', 'randomx', 'addresses'];
  const cases = files.flatMap((file) => vectors(file));
  const valid = cases.filter((one) => one.valid);
  const invalid = cases.filter((one) => !one.valid);

  it('has its vectors', () =>
    expect([files.map((file) => vectors(file).length), valid.length]).toEqual([
      [63, 75, 34, 27, 87],
      38 + 28 + 17 + 20 + 67,
    ]));

  it.each(valid)('$coin $id pays whom its source says', (one) => {
    const parsed = parseAddress(coinOf(one), one.address);
    const payee = payeeOf(parsed);
    expect(one).toMatchObject(payee);
    if (one.canonical !== undefined) expect(canonical(parsed)).toBe(one.canonical);
  });

  it.each(invalid)('$coin $id is refused', (one) => {
    const chains = one.network === 'any' ? coins : [coinOf(one)];
    for (const chain of chains) expect(parseAddress(chain, one.address).ok).toBe(false);
  });

  it('reads its own canonical spelling back', () => {
    for (const one of valid) {
      const first = parseAddress(coinOf(one), one.address);
      expect(parseAddress(coinOf(one), canonical(first))).toEqual(first);
    }
  });

  it('pays nobody on a chain of another coin or of other money', () => {
    const isMain = (coin: Coin): boolean => coin.network === 'mainnet';
    // Bitcoin Cash kept Bitcoin's old addresses, Litecoin reads Bitcoin's script addresses.
    const shared = (a: Coin, b: Coin): boolean =>
      [a, b].every(({ id }) => ['bitcoin', 'bitcoin-cash', 'litecoin'].includes(id));
    for (const one of valid.filter((each) => isMain(coinOf(each)))) {
      const own = coinOf(one);
      for (const other of coins) {
        const kin = own.id === other.id && (isMain(other) || ['monero', 'ethereum-classic'].includes(own.id));
        if (kin || shared(own, other)) continue;
        expect(parseAddress(other, one.address).ok).toBe(false);
      }
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
    ['a MWEB address of the test chain', named('litecoin', 'regtest'), mweb('tmweb'), /MWEB.*rltc1/],
    ['mixed case', bitcoin, segwit.replace('w', 'W'), /case/],
    ['a typing error', bitcoin, segwit.replace('w5', 'w6'), /checksum/],
    ['a typing error in base 58', bitcoin, '1Ax4gZtb7gAit2TivwejZHYtNNLT18PUXK', /checksum/],
    ['no text', bitcoin, '', /empty/],
    ['a long text', bitcoin, 'bc1'.repeat(1000), /too long/],
    ['other text', bitcoin, 'satoshi', /not a Bitcoin address/],
    [
      'a CashAddr',
      bitcoin,
      'bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a',
      /a Bitcoin Cash mainnet/,
    ],
    ['a bech32 address', named('bitcoin-cash', 'mainnet'), segwit, /a Bitcoin mainnet address.*Bitcoin Cash/],
    ['an account address', bitcoin, `0x${'1f'.repeat(20)}`, /an Ethereum Classic mainnet address/],
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

const witnessCoins = coins
  .filter((one) => one.family === 'bitcoin')
  .filter(({ addresses }) => addresses.hrp !== undefined);

describe('encodeWitnessAddress', () => {
  const programs = fc.oneof(
    fc.tuple(fc.constant(0), fc.constantFrom(20, 32)),
    fc.tuple(fc.constantFrom(1, 2, 7, 10, 16), fc.integer({ min: 2, max: 40 })),
  );

  it('writes what parseAddress reads', () => {
    fc.assert(
      fc.property(
        programs,
        fc.constantFrom(...witnessCoins),
        fc.integer(),
        ([version, length], chain, seed) => {
          const program = Uint8Array.from({ length }, (_, i) => (seed >> (i % 24)) & 0xff);
          const text = encodeWitnessAddress(chain, version, program);
          const expected = `${version === 0 ? '00' : (0x50 + version).toString(16)}${hex(Uint8Array.of(length, ...program))}`;
          for (const spelling of [text, text.toUpperCase()]) {
            expect(payeeOf(parseAddress(chain, spelling))).toEqual({ script_pubkey: expected });
          }
        },
      ),
    );
  });

  it('knows coins without such addresses', () => {
    expect(() => encodeWitnessAddress(named('dogecoin', 'mainnet'), 0, new Uint8Array(20))).toThrow(
      expect.objectContaining({ code: 'WITNESS_UNKNOWN' }),
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
      fc.stringMatching(/^(bitcoincash:|bchtest:)?[02-9ac-hj-np-z]{8,70}$/),
      fc.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{95}$/),
      fc.stringMatching(/^0x[0-9a-fA-F]{38,42}$/),
    );
    fc.assert(
      fc.property(text, (one) => {
        for (const chain of coins) expect(typeof parseAddress(chain, one).ok).toBe('boolean');
      }),
    );
  });
});
