import { type Algorithm, coins, difficultyToTarget, workOfTarget } from '@otedama/chain-params';
import { isTrialChain, vardiffDefaults } from './vardiff-defaults.ts';

/** Hashes a second of a single core, roughly: light RandomX, and the others with their dataset. */
const CORE: Readonly<Record<Algorithm, number>> = {
  sha256d: 1e7,
  scrypt: 1e4,
  randomx: 50,
  ethash: 5e5,
  etchash: 5e5,
  kawpow: 1e4,
};

it.each(coins.map((coin) => [`${coin.id} ${coin.network}`, coin] as const))(
  '%s starts within its own limits, and low enough for a processor on a trial chain',
  (_, coin) => {
    const { initialDifficulty, minimumDifficulty, maximumDifficulty } = vardiffDefaults(coin);
    expect(minimumDifficulty).toBeGreaterThan(0);
    expect(initialDifficulty).toBeGreaterThanOrEqual(minimumDifficulty);
    expect(initialDifficulty).toBeLessThanOrEqual(maximumDifficulty);
    const hashes = Number(workOfTarget(difficultyToTarget(coin.algorithm, initialDifficulty)));
    // A share within seconds.
    if (isTrialChain(coin)) expect(hashes).toBeLessThan(10 * CORE[coin.algorithm]);
  },
);
