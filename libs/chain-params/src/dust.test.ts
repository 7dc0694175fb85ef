import { findCoin, dustLimitAtomic } from './index.ts';

const script = (text: string): Uint8Array => Buffer.from(text, 'hex');
const P2PKH = script(`76a914${'11'.repeat(20)}88ac`);
const P2SH = script(`a914${'11'.repeat(20)}87`);
const P2WPKH = script(`0014${'11'.repeat(20)}`);
const P2TR = script(`5120${'11'.repeat(32)}`);

describe('the dust limit', () => {
  // The figures that Bitcoin Core, Litecoin Core and Dogecoin Core document.
  it.each([
    ['bitcoin', P2PKH, 546n],
    ['bitcoin', P2SH, 540n],
    ['bitcoin', P2WPKH, 294n],
    ['bitcoin', P2TR, 330n],
    ['bitcoin-cash', P2PKH, 546n],
    ['litecoin', P2PKH, 5_460n],
    ['litecoin', P2WPKH, 2_940n],
    ['dogecoin', P2PKH, 1_000_000n],
  ] as const)('of %s is known', (id, output, limit) => {
    const coin = findCoin(id, 'mainnet');
    if (coin?.family !== 'bitcoin') throw new Error('no coin');
    expect(dustLimitAtomic(coin, output)).toBe(limit);
  });
});
