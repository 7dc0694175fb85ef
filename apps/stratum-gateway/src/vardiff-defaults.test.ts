import { coins } from '@otedama/chain-params';
import { vardiffDefaults } from './vardiff-defaults.ts';

const pooled = coins.filter((coin) => coin.family === 'bitcoin');

it.each(pooled.map((coin) => [`${coin.id} ${coin.network}`, coin] as const))(
  '%s starts within its own limits, and low enough for a processor on a trial chain',
  (_, coin) => {
    const { initialDifficulty, minimumDifficulty, maximumDifficulty } = vardiffDefaults(coin);
    expect(minimumDifficulty).toBeGreaterThan(0);
    expect(initialDifficulty).toBeGreaterThanOrEqual(minimumDifficulty);
    expect(initialDifficulty).toBeLessThanOrEqual(maximumDifficulty);
    const hashes = initialDifficulty * (coin.algorithm === 'scrypt' ? 2 ** 16 : 2 ** 32);
    const isTrial = coin.network === 'regtest' || coin.network === 'playground';
    // A core does about 10 kH/s of Scrypt and 10 MH/s of SHA256d: a share within seconds.
    if (isTrial) expect(hashes).toBeLessThan(coin.algorithm === 'scrypt' ? 1e5 : 1e8);
  },
);
