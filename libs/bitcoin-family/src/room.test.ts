import { parseBlockTemplate } from './index.ts';

const HASH = '11'.repeat(32);
const transaction = (over: object) => ({
  data: '00'.repeat(250),
  txid: HASH,
  hash: HASH,
  weight: 600,
  sigops: 4,
  ...over,
});

const roomOf = (over: object) => {
  const parsed = parseBlockTemplate({
    version: 0x20000000,
    previousblockhash: HASH,
    transactions: [],
    coinbasevalue: 5_000_000_000,
    bits: '207fffff',
    curtime: 1_700_000_000,
    height: 500,
    ...over,
  });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.template.room;
};

const limits = { weightlimit: 4_000_000, sizelimit: 4_000_000, sigoplimit: 80_000 };

describe('the room for a coinbase', () => {
  it('is what the weights of the transactions leave of a block', () => {
    const transactions = [transaction({ weight: 3_990_000, sigops: 79_000 })];
    // (4,000,000 - 3,990,000 - 36) / 4 - 89, and (80,000 - 79,000) / 4.
    expect(roomOf({ ...limits, transactions })).toEqual({ coinbaseBytes: 2_402, coinbaseOutputs: 250 });
  });

  it('is counted in bytes where a chain has no weights', () => {
    const { weightlimit: _, ...bySize } = limits;
    const room = roomOf({ ...bySize, transactions: [transaction({}), transaction({})] });
    expect(room).toEqual({ coinbaseBytes: 4_000_000 - 89 - 500, coinbaseOutputs: 79_992 });
  });

  it('is what daemons keep for it where the template does not say', () => {
    const kept = { coinbaseBytes: 1_000, coinbaseOutputs: 100 };
    expect(roomOf({})).toEqual(kept);
    expect(roomOf({ ...limits, transactions: [transaction({ weight: null, sigops: null })] })).toEqual(kept);
  });

  it('may be none', () => {
    const transactions = [transaction({ weight: 4_000_000, sigops: 80_000 })];
    const { coinbaseBytes, coinbaseOutputs } = roomOf({ ...limits, transactions });
    expect(coinbaseBytes).toBeLessThan(0);
    expect(coinbaseOutputs).toBe(0);
  });
});
