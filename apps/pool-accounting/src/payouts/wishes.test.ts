import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeWitnessAddress, findCoin } from '@otedama/chain-params';
import { createSecret, type PayoutConfig, type PoolConfig } from '@otedama/config';
import type { PayoutWishReply } from '@otedama/contracts';
import type { PayoutChain, PayoutWish } from '@otedama/ledger';
import { formatWish } from '@otedama/payouts';
import { createPayoutWishes } from './wishes.ts';

const coin = findCoin('litecoin', 'regtest');
if (coin === undefined) throw new Error('no such coin');

const NOW = 1_700_000_000_000;
const KEY = sha256(Buffer.from('a key of this test'));
const ADDRESS = encodeWitnessAddress(coin, 0, ripemd160(sha256(secp256k1.getPublicKey(KEY, true))));

const payouts: PayoutConfig = {
  wallet: { url: '', user: '', password: createSecret(''), name: undefined, keyFile: undefined },
  minimumAtomic: 5_000_000n,
  lowestMinimumAtomic: 500_000n,
  intervalMs: 1,
  feeRule: 'pool',
  maxFeeBasisPoints: 500,
  approveAboveAtomic: undefined,
  batchLimitAtomic: undefined,
  dailyLimitAtomic: undefined,
  maxPayees: 1,
  confirmations: 1,
  bumpAfterMs: 1,
};

const pool = { id: 'main', coin, mergedChains: [], payouts } as unknown as PoolConfig;

let stored: { chain: PayoutChain; wish: PayoutWish }[];
let isTaken: boolean;
const wishes = createPayoutWishes(
  {
    outbox: {
      storeWish: (chain, wish) => {
        stored.push({ chain, wish });
        return Promise.resolve(isTaken);
      },
    },
    clock: () => NOW,
  },
  [pool],
);
beforeEach(() => {
  stored = [];
  isTaken = true;
});

const sign = (message: string): string => {
  const parts = ['Litecoin Signed Message:\n', message].map((text) => Buffer.from(text));
  const bytes = Buffer.concat(parts.flatMap((part) => [Buffer.of(part.length), part]));
  const signed = secp256k1.sign(sha256(sha256(bytes)), KEY, { prehash: false, format: 'recovered' });
  return Buffer.concat([Buffer.of(39 + (signed[0] ?? 0)), signed.subarray(1)]).toString('base64');
};

const WISH = { pool: 'main', coin: 'litecoin', address: ADDRESS, minimum: '0.02', atMs: NOW - 1_000 };

const send = (over: Partial<typeof WISH> = {}, address = ADDRESS): Promise<PayoutWishReply> => {
  const message = formatWish({ ...WISH, ...over });
  return wishes.payoutWish({ kind: 'signed', address, message, signature: sign(message) });
};

const login = (minimum: string, poolId = 'main'): Promise<PayoutWishReply> =>
  wishes.payoutWish({ kind: 'login', poolId, address: ADDRESS, minimum });

describe('a signed wish', () => {
  it('is stored with its time, under the canonical address', async () => {
    expect(await send()).toEqual({
      ok: true,
      poolId: 'main',
      coin: 'litecoin',
      address: ADDRESS,
      minimumAtomic: '2000000',
    });
    const wish = { address: ADDRESS, minimumAtomic: 2_000_000n, signedAtMs: WISH.atMs };
    expect(stored).toEqual([{ chain: { pool: 'main', coin: 'litecoin' }, wish }]);
  });

  it.each([
    [
      'below what can be wished',
      { minimum: '0.00499999' },
      'the least that can be wished here is 500000 litoshi',
    ],
    ['dust', { minimum: '0' }, 'the least that can be wished'],
    ['finer than the coin', { minimum: '0.000000001' }, 'rLTC has 8 decimals'],
    ['old', { atMs: NOW - 900_001 }, 'more than 15 minutes from now'],
    ['of a time to come', { atMs: NOW + 900_001 }, 'more than 15 minutes from now'],
    ['for another pool', { pool: 'other' }, 'pool other pays nobody in litecoin'],
    ['in another coin', { coin: 'dogecoin' }, 'pool main pays nobody in dogecoin'],
    ['of another address', { address: 'rltc1qother' }, 'the message names another address'],
  ])('is refused with the reason when it is %s', async (_, over, reason) => {
    expect(await send(over)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
    expect(stored).toEqual([]);
  });

  it('is refused when anything in it is not what was signed', async () => {
    const message = formatWish(WISH);
    const signature = sign(message);
    const forged = message.replace('0.02', '20');
    const reply = await wishes.payoutWish({ kind: 'signed', address: ADDRESS, message: forged, signature });
    expect(reply).toEqual({ ok: false, reason: expect.stringContaining('not signed with the key') });
    const text = await wishes.payoutWish({ kind: 'signed', address: ADDRESS, message: 'hello', signature });
    expect(text).toEqual({ ok: false, reason: expect.stringContaining('not one about payouts') });
    expect(stored).toEqual([]);
  });

  it('is refused when it comes again', async () => {
    isTaken = false;
    expect(await send()).toEqual({ ok: false, reason: expect.stringContaining('was taken before') });
  });
});

describe('a wish at a login', () => {
  it('is kept near the default: nobody has proved who wishes', async () => {
    await login('0.01');
    await login('1000000');
    expect(stored.map(({ wish }) => wish)).toEqual([
      { address: ADDRESS, minimumAtomic: 1_000_000n },
      { address: ADDRESS, minimumAtomic: 50_000_000n },
    ]);
  });

  it('is refused below the least, and where nobody is paid', async () => {
    expect(await login('0.001')).toMatchObject({ ok: false });
    expect(await login('0.1', 'other')).toEqual({ ok: false, reason: 'this pool pays nobody' });
    expect(stored).toEqual([]);
  });
});
