import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeWitnessAddress, findCoin } from '@otedama/chain-params';
import { formatWish, parseWish, toAtomic } from './message.ts';
import { checkSignature } from './signature.ts';

const coinOf = <Id extends string>(id: Id, network = 'mainnet') => {
  const coin = findCoin(id, network);
  if (coin === undefined) throw new Error(`there is no ${id}`);
  return coin;
};

const BITCOIN = coinOf('bitcoin');
const WISH = {
  pool: 'main',
  coin: 'litecoin',
  address: 'ltc1qexample',
  minimum: '0.05',
  atMs: 1_700_000_000_000,
};

describe('the message of a wish', () => {
  it('is read back as it was written', () => {
    expect(formatWish(WISH)).toBe(
      'Otedama payout settings\npool: main\ncoin: litecoin\naddress: ltc1qexample\nminimum: 0.05\ntime: 2023-11-14T22:13:20.000Z',
    );
    expect(parseWish(formatWish(WISH))).toEqual(WISH);
    expect(parseWish(formatWish(WISH).replace('.000Z', 'Z'))).toEqual(WISH);
  });

  it.each([
    ['another line', `${formatWish(WISH)}\nminimum: 1`],
    ['another order', formatWish(WISH).replace('pool: main\ncoin: litecoin', 'coin: litecoin\npool: main')],
    ['no such time', formatWish(WISH).replace('2023-11-14', '2023-13-14')],
    ['a number with an exponent', formatWish(WISH).replace('0.05', '5e-2')],
    ['less than nothing', formatWish(WISH).replace('0.05', '-1')],
    ['something before it', ` ${formatWish(WISH)}`],
  ])('is nothing with %s', (_, text) => {
    expect(parseWish(text)).toBeUndefined();
  });

  it('counts in atomic units to the last decimal', () => {
    expect(toAtomic('0.05', 8)).toBe(5_000_000n);
    expect(toAtomic('21', 8)).toBe(2_100_000_000n);
    expect(toAtomic('0.000000000000000001', 18)).toBe(1n);
    expect(toAtomic('0.000000001', 8)).toBeUndefined();
  });
});

/** From the tests of bitcoinjs-message, and of web3. */
const KNOWN = {
  address: '1F3sAm6ZtwLAUnj7d38pGFxtP3RVEvtsbV',
  message: 'This is an example of a signed message.',
  signature: 'H9L5yLFjti0QTHhPyFrZCT1V/MMnBtXKmoiKDZ78NDBjERki6ZTQZdSMCtkgoNmp17By9ItJr8o7ChX0XxY91nk=',
};
const KNOWN_ACCOUNT = {
  address: '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23',
  message: 'Some data',
  signature:
    '0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c',
};

const KEY = sha256(Buffer.from('a key of this test'));
const OTHER_KEY = sha256(Buffer.from('another key of this test'));

/** As a wallet does it: the hash of magic and message, and a header byte that names the key. */
const signLitecoin = (message: string, key: Uint8Array, firstHeader: number): string => {
  const parts = ['Litecoin Signed Message:\n', message].map((text) => Buffer.from(text));
  const bytes = Buffer.concat(parts.flatMap((part) => [Buffer.of(part.length), part]));
  const signed = secp256k1.sign(sha256(sha256(bytes)), key, { prehash: false, format: 'recovered' });
  return Buffer.concat([Buffer.of(firstHeader + (signed[0] ?? 0)), signed.subarray(1)]).toString('base64');
};

const LITECOIN = coinOf('litecoin');
const witnessAddress = (key: Uint8Array): string =>
  encodeWitnessAddress(LITECOIN, 0, ripemd160(sha256(secp256k1.getPublicKey(key, true))));

describe('the signature of a message', () => {
  it('is that of the key of the address, and of nothing else', () => {
    const { address, message, signature } = KNOWN;
    expect(checkSignature(BITCOIN, address, message, signature)).toEqual({ ok: true });
    expect(checkSignature(BITCOIN, address, `${message} `, signature).ok).toBe(false);
    expect(checkSignature(BITCOIN, '1BoatSLRHtKNngkdXEeobR76b53LETtpyT', message, signature).ok).toBe(false);
    // Another coin's wallets put another word before it.
    expect(
      checkSignature(coinOf('dogecoin'), 'DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L', message, signature).ok,
    ).toBe(false);
  });

  it.each([27, 31, 39])('is taken of a witness address with a header from %d on', (firstHeader) => {
    const message = formatWish({ ...WISH, address: witnessAddress(KEY) });
    const signature = signLitecoin(message, KEY, firstHeader);
    expect(checkSignature(LITECOIN, witnessAddress(KEY), message, signature)).toEqual({ ok: true });
    expect(checkSignature(LITECOIN, witnessAddress(OTHER_KEY), message, signature).ok).toBe(false);
  });

  it('of an account of Ethereum is that of personal_sign', () => {
    const coin = coinOf('ethereum-classic');
    const { address, message, signature } = KNOWN_ACCOUNT;
    expect(checkSignature(coin, address, message, signature)).toEqual({ ok: true });
    expect(checkSignature(coin, address, 'Some date', signature).ok).toBe(false);
    expect(checkSignature(coin, address, message, signature.slice(0, -2)).ok).toBe(false);
  });

  it.each([
    '',
    'AA==',
    Buffer.alloc(65).toString('base64'),
    Buffer.alloc(65, 31).toString('base64'),
    'é'.repeat(88),
  ])('is not %j', (signature) => {
    expect(checkSignature(BITCOIN, KNOWN.address, KNOWN.message, signature).ok).toBe(false);
  });

  it('is asked of no Monero wallet', () => {
    expect(checkSignature(coinOf('monero'), '4', 'x', 'y')).toMatchObject({
      reason: expect.stringMatching('mp=AMOUNT'),
    });
  });
});
